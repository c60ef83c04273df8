//! Proxies that speak the PROXY protocol.

use super::*;

fn behind_proxies(proxies: &[&str]) -> ServeSettings {
    let proxies: Vec<_> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    ServeSettings {
        proxy_protocol: true,
        trusted_proxies: Arc::new(proxies.into()),
        ..ServeSettings::default()
    }
}

#[tokio::test]
async fn a_trusted_proxy_must_say_for_whom_it_speaks() {
    let server = Server::start(behind_proxies(&["127.0.0.0/8"])).await;
    let header = "PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n";
    assert!(
        server
            .ask(format!("{header}{LAST_GET}"))
            .await
            .ends_with("192.0.2.1 tls=false")
    );
    assert!(
        server
            .ask(format!("PROXY UNKNOWN\r\n{LAST_GET}"))
            .await
            .ends_with("127.0.0.1 tls=false")
    );

    let mut silent = server.connect().await;
    silent.write_all(LAST_GET.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = silent.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn nobody_else_may_speak_the_proxy_protocol() {
    let server = Server::start(behind_proxies(&["10.0.0.0/8"])).await;
    let header = "PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n";
    assert_eq!(
        status_of(&server.ask(format!("{header}{LAST_GET}")).await),
        "400"
    );
    assert!(server.ask(LAST_GET).await.ends_with("127.0.0.1 tls=false"));
}
