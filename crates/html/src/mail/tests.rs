use counterfoil_domain::time_zone::Zone;

use super::*;
use crate::brand::Brand;
use crate::tests::NOW;

const KINDS: [MailKind; 35] = [
    MailKind::Invitation,
    MailKind::Reset,
    MailKind::ResetAsked,
    MailKind::Address,
    MailKind::AddressChanged,
    MailKind::Enrolment,
    MailKind::PasswordChanged,
    MailKind::TwoFactorOn,
    MailKind::TwoFactorOff,
    MailKind::RecoveryCodeUsed,
    MailKind::RecoveryCodesReplaced,
    MailKind::WrongCodes,
    MailKind::CodesExhausted,
    MailKind::PasskeyAdded,
    MailKind::PasskeyRemoved,
    MailKind::PasskeyStalled,
    MailKind::AdministratorScopes,
    MailKind::RefreshRepeated,
    MailKind::AddressSet,
    MailKind::Renamed,
    MailKind::AppTransferred,
    MailKind::AppSuspended,
    MailKind::AppUnsuspended,
    MailKind::AppSecretPublished,
    MailKind::ResourceServerChanged,
    MailKind::MembershipChanged,
    MailKind::OrganizationDeleted,
    MailKind::StandingChanged,
    MailKind::Suspended,
    MailKind::Unsuspended,
    MailKind::Impersonated,
    MailKind::TokensRevoked,
    MailKind::Unlocked,
    MailKind::SessionsEnded,
    MailKind::Deleted,
];
const URL: &str = "https://tokens.example.org/link/abc";
const FORGOTTEN: &str = "https://tokens.example.org/login/forgotten";

fn written(words: MailWords, language: Language, life: Duration) -> Written {
    let zone = Zone::find("Asia/Seoul").unwrap();
    let brand = Brand::default();
    let has_link = match words {
        MailWords::OfKind(kind) => kind.link().is_some(),
        MailWords::AddressTaken => false,
    };
    let letter = Letter {
        words,
        login: "mina-park",
        to: "mina@example.org",
        maker: None,
        at: NOW,
        link: has_link.then_some((URL, life)),
        forgotten: FORGOTTEN,
    };
    letter.write(&Frame {
        language,
        zone: &zone,
        now: NOW,
        brand: &brand,
        host: "tokens.example.org",
        here: "/",
        signed_in: None,
        status: None,
    })
}

#[test]
fn every_mail_says_whose_account_it_is_about_and_has_its_link_on_a_line_of_its_own() {
    let hour = Duration::from_hours(1);
    for language in Language::ALL {
        for kind in KINDS {
            let written = written(MailWords::OfKind(kind), language, hour);
            let links: &[&str] = match kind.link() {
                Some(_) => &[URL],
                // Another password would not help.
                None if kind.tells_of_administrators() || kind == MailKind::RefreshRepeated => &[],
                None => &[FORGOTTEN],
            };
            let found = written.body.lines().filter(|line| line.contains("://"));
            assert_eq!(found.collect::<Vec<_>>(), links, "{kind:?}");
            assert!(written.body.contains("mina-park"), "{kind:?}");
            for text in [&written.subject, &written.body] {
                assert!(!text.contains(['<', '>', '&', '{', '}']), "{text}");
            }
            assert!(!written.subject.contains('\n'));
        }
        let taken = written(MailWords::AddressTaken, language, hour);
        assert!(!taken.body.contains("://"), "{}", taken.body);
    }
}

#[test]
fn a_mail_reads_as_a_letter() {
    let week = Duration::from_hours(24 * 7);
    let written = written(
        MailWords::OfKind(MailKind::Invitation),
        Language::English,
        week,
    );
    assert_eq!(written.subject, "You are invited to Counterfoil");
    let body = "An administrator invited you to tokens.example.org. Your login is mina-park.\n\n\
        Choose a password by opening this link. It works once, for 7 days:\n\n\
        https://tokens.example.org/link/abc\n\n\
        If you do not know what this is about, you need do nothing.\n\n\
        -- \nCounterfoil, tokens.example.org\n";
    assert_eq!(written.body, body);
}

#[test]
fn a_time_is_told_in_the_largest_unit_that_says_it_whole() {
    for (minutes, said) in [
        (1, "1 minute"),
        (59, "59 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (1_440, "1 day"),
    ] {
        let reset = MailWords::OfKind(MailKind::Reset);
        let written = written(
            reset,
            Language::English,
            Duration::from_secs(minutes * 60 - 1),
        );
        assert!(
            written.body.contains(&format!("for {said}:")),
            "{}",
            written.body
        );
    }
}

#[test]
fn what_a_notice_says_is_said_by_no_other() {
    for language in Language::ALL {
        let mut said = std::collections::BTreeSet::new();
        for kind in KINDS.into_iter().filter(|kind| kind.link().is_none()) {
            let written = written(MailWords::OfKind(kind), language, Duration::ZERO);
            assert!(said.insert(written.subject), "{kind:?}");
            assert!(said.insert(written.body), "{kind:?}");
        }
    }
}
