//! Scopes in words: what each lets somebody do, and how much that is.

use counterfoil_domain::language::Language;
use counterfoil_domain::scope::Scope;

use crate::text::Text;
use crate::words;

/// How much a scope lets somebody do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// See, and change nothing.
    Read,
    /// Change what belongs to the owner.
    Write,
    /// Control who has access, or destroy.
    Administer,
}

/// What a scope is about. Pages show the groups in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Code, statuses, deployments, workflows.
    Repositories,
    /// Members and teams.
    Organizations,
    /// The profile, addresses, who is followed.
    Account,
    /// Packages of all kinds.
    Packages,
    /// Keys for SSH, signing and GPG.
    Keys,
    /// Webhooks of repositories and organizations.
    Hooks,
    /// Gists, notifications, discussions, projects.
    Rest,
    /// The enterprise and this server.
    Server,
}

/// A scope as people read it.
#[derive(Clone, Copy, Debug)]
pub struct ScopeInWords {
    /// The name that programs use.
    pub name: &'static str,
    /// How much it lets somebody do.
    pub risk: Risk,
    /// What it is about.
    pub group: Group,
    english: &'static str,
    korean: &'static str,
}

impl ScopeInWords {
    /// The words for a scope.
    pub fn of(scope: Scope) -> &'static Self {
        let name = scope.name();
        let mut table = TABLE.iter();
        let found = table.find(|row| row.name == name);
        found.expect("a test finds words for every scope")
    }

    /// What it lets somebody do, as the sentence of a list.
    pub fn sentence(&self, language: Language) -> Text {
        Text::literal(match language {
            Language::English => self.english,
            Language::Korean => self.korean,
        })
    }
}

impl Risk {
    /// The word on its badge.
    pub fn word(self, language: Language) -> Text {
        let words = words::Scopes(language);
        match self {
            Self::Read => words.read(),
            Self::Write => words.write(),
            Self::Administer => words.administer(),
        }
    }
}

impl Group {
    /// All of them, in the order of pages.
    pub const ALL: [Self; 8] = [
        Self::Repositories,
        Self::Organizations,
        Self::Account,
        Self::Packages,
        Self::Keys,
        Self::Hooks,
        Self::Rest,
        Self::Server,
    ];

    /// What it is called.
    pub fn name(self, language: Language) -> Text {
        let words = words::Scopes(language);
        match self {
            Self::Repositories => words.repositories(),
            Self::Organizations => words.organizations(),
            Self::Account => words.account(),
            Self::Packages => words.packages(),
            Self::Keys => words.keys(),
            Self::Hooks => words.hooks(),
            Self::Rest => words.rest(),
            Self::Server => words.server(),
        }
    }

    /// What is in it; nothing where the name says it.
    pub fn hint(self, language: Language) -> Option<Text> {
        let words = words::Scopes(language);
        match self {
            Self::Repositories => Some(words.repositories_hint()),
            Self::Organizations => Some(words.organizations_hint()),
            Self::Account => Some(words.account_hint()),
            Self::Packages => Some(words.packages_hint()),
            Self::Keys => Some(words.keys_hint()),
            Self::Hooks => Some(words.hooks_hint()),
            Self::Rest => None,
            Self::Server => Some(words.server_hint()),
        }
    }
}

const fn row(
    name: &'static str,
    risk: Risk,
    group: Group,
    english: &'static str,
    korean: &'static str,
) -> ScopeInWords {
    ScopeInWords {
        name,
        risk,
        group,
        english,
        korean,
    }
}

/// Every scope that the domain knows.
#[rustfmt::skip]
const TABLE: &[ScopeInWords] = &[
    row("repo", Risk::Administer, Group::Repositories, "Fully control all your repositories, private ones included", "비공개를 포함한 모든 저장소를 완전히 제어합니다"),
    row("repo:status", Risk::Write, Group::Repositories, "Read and set commit statuses, without seeing code", "코드를 보지 않고 커밋 상태를 읽고 설정합니다"),
    row("repo_deployment", Risk::Write, Group::Repositories, "Read and set deployment statuses, without seeing code", "코드를 보지 않고 배포 상태를 읽고 설정합니다"),
    row("public_repo", Risk::Write, Group::Repositories, "Read and change your public repositories", "공개 저장소를 읽고 변경합니다"),
    row("repo:invite", Risk::Write, Group::Repositories, "Accept or decline repository invitations", "저장소 초대를 수락하거나 거절합니다"),
    row("security_events", Risk::Write, Group::Repositories, "Read and change security alerts", "보안 알림을 읽고 변경합니다"),
    row("workflow", Risk::Write, Group::Repositories, "Add and change workflow files", "워크플로 파일을 추가하고 변경합니다"),
    row("delete_repo", Risk::Administer, Group::Repositories, "Delete repositories that you administer", "관리 중인 저장소를 삭제합니다"),
    row("write:packages", Risk::Write, Group::Packages, "Upload and download packages", "패키지를 올리고 내려받습니다"),
    row("read:packages", Risk::Read, Group::Packages, "Download packages", "패키지를 내려받습니다"),
    row("delete:packages", Risk::Administer, Group::Packages, "Delete packages", "패키지를 삭제합니다"),
    row("admin:org", Risk::Administer, Group::Organizations, "Manage your organizations, teams and members", "조직과 팀, 구성원을 관리합니다"),
    row("write:org", Risk::Write, Group::Organizations, "Change organization and team memberships", "조직과 팀의 구성원을 변경합니다"),
    row("read:org", Risk::Read, Group::Organizations, "See your organizations, teams and memberships", "소속 조직과 팀, 구성원 정보를 봅니다"),
    row("manage_runners:org", Risk::Administer, Group::Organizations, "Manage the runners of your organizations", "조직의 러너를 관리합니다"),
    row("admin:public_key", Risk::Administer, Group::Keys, "See, add and delete your SSH keys", "SSH 키를 보고 추가하고 삭제합니다"),
    row("write:public_key", Risk::Write, Group::Keys, "See and add SSH keys", "SSH 키를 보고 추가합니다"),
    row("read:public_key", Risk::Read, Group::Keys, "See your SSH keys", "SSH 키를 봅니다"),
    row("admin:gpg_key", Risk::Administer, Group::Keys, "See, add and delete your GPG keys", "GPG 키를 보고 추가하고 삭제합니다"),
    row("write:gpg_key", Risk::Write, Group::Keys, "See and add GPG keys", "GPG 키를 보고 추가합니다"),
    row("read:gpg_key", Risk::Read, Group::Keys, "See your GPG keys", "GPG 키를 봅니다"),
    row("admin:ssh_signing_key", Risk::Administer, Group::Keys, "See, add and delete your SSH signing keys", "SSH 서명 키를 보고 추가하고 삭제합니다"),
    row("write:ssh_signing_key", Risk::Write, Group::Keys, "See and add SSH signing keys", "SSH 서명 키를 보고 추가합니다"),
    row("read:ssh_signing_key", Risk::Read, Group::Keys, "See your SSH signing keys", "SSH 서명 키를 봅니다"),
    row("admin:repo_hook", Risk::Administer, Group::Hooks, "See, change and delete repository webhooks", "저장소 웹훅을 보고 변경하고 삭제합니다"),
    row("write:repo_hook", Risk::Write, Group::Hooks, "See and change repository webhooks", "저장소 웹훅을 보고 변경합니다"),
    row("read:repo_hook", Risk::Read, Group::Hooks, "See repository webhooks", "저장소 웹훅을 봅니다"),
    row("admin:org_hook", Risk::Administer, Group::Hooks, "Manage organization webhooks", "조직 웹훅을 관리합니다"),
    row("gist", Risk::Write, Group::Rest, "Create and change your gists", "Gist를 만들고 변경합니다"),
    row("notifications", Risk::Write, Group::Rest, "Read notifications and change subscriptions", "알림을 읽고 구독을 변경합니다"),
    row("user", Risk::Write, Group::Account, "Read and change your profile, see e-mail addresses, follow people", "프로필을 읽고 변경하며 이메일 주소와 팔로우를 다룹니다"),
    row("read:user", Risk::Read, Group::Account, "Read your profile, private parts included", "비공개 정보를 포함한 프로필을 읽습니다"),
    row("user:email", Risk::Read, Group::Account, "See all your e-mail addresses", "모든 이메일 주소를 봅니다"),
    row("user:follow", Risk::Write, Group::Account, "Follow and unfollow people for you", "나를 대신해 사용자를 팔로우하거나 언팔로우합니다"),
    row("write:discussion", Risk::Write, Group::Rest, "Read and write team discussions", "팀 토론을 읽고 씁니다"),
    row("read:discussion", Risk::Read, Group::Rest, "Read team discussions", "팀 토론을 읽습니다"),
    row("project", Risk::Write, Group::Rest, "Read and change projects", "프로젝트를 읽고 변경합니다"),
    row("read:project", Risk::Read, Group::Rest, "Read projects", "프로젝트를 읽습니다"),
    row("audit_log", Risk::Administer, Group::Server, "Fully control the audit log", "감사 로그를 완전히 제어합니다"),
    row("read:audit_log", Risk::Read, Group::Server, "Read the audit log", "감사 로그를 읽습니다"),
    row("site_admin", Risk::Administer, Group::Server, "Use the site administration API", "사이트 관리 API를 사용합니다"),
    row("admin:pre_receive_hook", Risk::Administer, Group::Server, "Set which pre-receive hooks are enforced", "pre-receive 훅의 적용을 정합니다"),
    row("admin:enterprise", Risk::Administer, Group::Server, "Fully control the enterprise", "엔터프라이즈를 완전히 제어합니다"),
    row("admin:business", Risk::Administer, Group::Server, "Fully control the enterprise (older name)", "엔터프라이즈를 완전히 제어합니다(이전 이름)"),
    row("manage_runners:enterprise", Risk::Administer, Group::Server, "Manage enterprise runners", "엔터프라이즈 러너를 관리합니다"),
    row("manage_billing:enterprise", Risk::Administer, Group::Server, "Read and change enterprise billing", "엔터프라이즈 결제를 읽고 변경합니다"),
    row("read:enterprise", Risk::Read, Group::Server, "Read the enterprise profile", "엔터프라이즈 프로필을 읽습니다"),
    row("scim:enterprise", Risk::Administer, Group::Server, "Add and remove enterprise users by SCIM", "SCIM으로 사용자를 추가하고 제거합니다"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_scope_has_words_of_its_own_in_both_languages() {
        let mut sentences = BTreeSet::new();
        for scope in Scope::all() {
            let words = ScopeInWords::of(scope);
            for language in Language::ALL {
                assert!(
                    sentences.insert((language, words.sentence(language).plain()))
                        || scope.name() == "admin:business",
                    "{scope}"
                );
            }
        }
        assert_eq!(TABLE.len(), Scope::all().count());
    }

    #[test]
    fn a_scope_is_at_least_as_risky_as_what_it_includes() {
        for scope in Scope::all() {
            if let Some(parent) = scope.parent() {
                let (below, above) = (ScopeInWords::of(scope), ScopeInWords::of(parent));
                assert!(below.risk <= above.risk, "{scope}");
                assert_eq!(below.group, above.group, "{scope}");
            }
        }
    }

    #[test]
    fn every_group_has_a_scope_and_a_name() {
        for group in Group::ALL {
            assert!(TABLE.iter().any(|row| row.group == group));
            for language in Language::ALL {
                assert!(!group.name(language).plain().is_empty());
            }
        }
    }
}
