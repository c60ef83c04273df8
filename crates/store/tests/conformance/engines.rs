//! The same test on each engine.

/// Makes of each of these functions, which take a world, one test for each engine:
/// `accounts::a_login_is_taken::holds_on_postgres`.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::server::Way;
            use crate::world::{Kind, World};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn holds_on_sqlite() {
                super::$name(World::on(Kind::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn holds_on_postgres() {
                super::$name(World::on(Kind::Postgres(Way::Direct))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn holds_behind_a_pooler() {
                super::$name(World::on(Kind::Postgres(Way::Pooled))).await;
            }
        }
    )+};
}
