//! Organizations, their members and their teams.

use std::time::Duration;

use counterfoil_domain::account::{Account, NoSuchUser};
use counterfoil_domain::change::Change;
use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{
    MemberFilter, NewOrganization, Organization, OrganizationRefused, Role, Slug, Team, TeamName,
};
use counterfoil_domain::page::Page;
use counterfoil_store::{DeletedOrganization, FeedPosition, FeedRead};

use crate::world::{EVERYTHING, World, refusal};

fn everything() -> Page {
    Page::new(EVERYTHING.0, EVERYTHING.1)
}

pub(crate) async fn organization(world: &World, login: &str) -> Organization {
    let new = NewOrganization {
        login: Login::parse(login).expect("a login"),
        name: None,
    };
    let made = world.store.create_organization(new, world.operator());
    made.await.expect("the login is free")
}

pub(crate) async fn join(
    world: &World,
    organization: &Organization,
    account: &Account,
    role: Role,
) -> bool {
    let set = world
        .store
        .set_member(organization.id, account.id, role, world.operator());
    set.await.expect("it can be set")
}

pub(crate) async fn team(
    world: &World,
    organization: &Organization,
    name: &str,
    of: &[&Account],
) -> Team {
    let name = TeamName::parse(name).expect("a name");
    let made = world
        .store
        .create_team(organization.id, name, world.operator());
    let team = made.await.expect("the slug is free");
    for account in of {
        let added = world
            .store
            .add_team_member(team.id, account.id, world.operator());
        assert!(added.await.expect("a member can be added"));
    }
    team
}

on_each_engine! {
    an_organization_and_a_user_share_ids_and_logins_and_are_not_each_other,
    memberships_are_read_at_once_and_in_order,
    lists_come_in_pages,
    who_leaves_an_organization_leaves_its_teams_and_no_others,
    a_deleted_organization_leaves_nothing_behind,
    a_deleted_user_loses_all_memberships,
    only_members_of_the_organization_are_in_its_teams,
    every_change_of_a_membership_is_announced_for_both_sides,
}

async fn an_organization_and_a_user_share_ids_and_logins_and_are_not_each_other(world: World) {
    let mona = world.user("mona").await;
    let acme = organization(&world, "Acme").await;
    assert!(acme.id > mona.id);
    let login = Login::parse("aCME").unwrap();
    assert_eq!(
        world.store.find_organization(&login).await.unwrap(),
        Some(acme.clone())
    );
    assert_eq!(world.store.find_account(&login).await.unwrap(), None);
    assert_eq!(world.store.account_by_id(acme.id).await.unwrap(), None);
    assert!(
        world
            .store
            .find_credentials("acme")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        world.store.find_organization(&mona.login).await.unwrap(),
        None
    );
    let new = NewOrganization {
        login: mona.login.clone(),
        name: None,
    };
    let refused = world.store.create_organization(new, world.operator());
    assert_eq!(refusal(refused.await), OrganizationRefused::LoginTaken);
    let suspended = world.store.suspend_account(acme.id, world.operator());
    assert_eq!(refusal(suspended.await), NoSuchUser);
    let deleted = world.store.delete_account(acme.id, world.operator());
    assert_eq!(refusal(deleted.await), NoSuchUser);
}

async fn memberships_are_read_at_once_and_in_order(world: World) {
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let (one, two) = (
        organization(&world, "one").await,
        organization(&world, "two").await,
    );
    assert!(join(&world, &two, &mona, Role::Admin).await);
    assert!(join(&world, &one, &mona, Role::Member).await);
    assert!(!join(&world, &one, &mona, Role::Member).await);
    let teams = [
        team(&world, &two, "b", &[&mona]).await.id,
        team(&world, &one, "a", &[&mona]).await.id,
    ];
    let held = world.store.memberships(mona.id).await.unwrap();
    assert_eq!(
        held.organizations,
        [(one.id, Role::Member), (two.id, Role::Admin)]
    );
    assert_eq!(held.teams, teams);
    assert_eq!(
        world.store.memberships(hubot.id).await.unwrap(),
        counterfoil_domain::organization::Memberships::default()
    );
    assert!(join(&world, &one, &mona, Role::Admin).await);
    let role = world.store.role_in(one.id, mona.id).await.unwrap();
    assert_eq!(role, Some(Role::Admin));
}

async fn lists_come_in_pages(world: World) {
    let acme = organization(&world, "acme").await;
    let mut users = Vec::new();
    for number in 0..5 {
        let user = world.user(&format!("user{number}")).await;
        let role = if number == 3 {
            Role::Admin
        } else {
            Role::Member
        };
        join(&world, &acme, &user, role).await;
        users.push(user);
    }
    let page = world
        .store
        .list_members(acme.id, MemberFilter::default(), Page::new(2, 2))
        .await
        .unwrap();
    assert_eq!(page.total, 5);
    let found: Vec<_> = page
        .items
        .iter()
        .map(|member| (member.account.id, member.role))
        .collect();
    assert_eq!(
        found,
        [(users[2].id, Role::Member), (users[3].id, Role::Admin)]
    );
    for (filter, expected) in [
        (Some(Role::Admin), vec![users[3].id]),
        (
            Some(Role::Member),
            [0, 1, 2, 4].map(|n| users[n].id).to_vec(),
        ),
    ] {
        let filter = MemberFilter {
            role: filter,
            ..MemberFilter::default()
        };
        let page = world.store.list_members(acme.id, filter, everything());
        let page = page.await.unwrap();
        let found: Vec<_> = page.items.iter().map(|member| member.account.id).collect();
        assert_eq!((page.total, found), (expected.len() as u64, expected));
    }
    lists_of_teams_come_in_pages(&world, &acme, &users).await;
}

/// Of five members the fourth is an owner.
async fn lists_of_teams_come_in_pages(world: &World, acme: &Organization, users: &[Account]) {
    let all: Vec<_> = users.iter().collect();
    let whole = team(world, acme, "whole", &all).await;
    team(world, acme, "empty", &[]).await;
    let page = world
        .store
        .list_team_members(whole.id, None, Page::new(3, 2))
        .await
        .unwrap();
    assert_eq!((page.total, page.items.len()), (5, 1));
    assert_eq!(page.items[0], users[4]);
    let owners = world
        .store
        .list_team_members(whole.id, Some(Role::Admin), everything());
    let owners = owners.await.unwrap();
    assert_eq!((owners.total, owners.items[0].id), (1, users[3].id));
    let role = world.store.role_in_team(whole.id, users[3].id).await;
    assert_eq!(role.unwrap(), Some(Role::Admin));
    let teams = world.store.list_teams(acme.id, everything()).await.unwrap();
    let counts: Vec<_> = teams.items.iter().map(|team| team.members).collect();
    assert_eq!(counts, [5, 0]);
    let own = world
        .store
        .teams_of(users[0].id, everything())
        .await
        .unwrap();
    assert_eq!((own.total, own.items[0].id), (1, whole.id));
}

async fn who_leaves_an_organization_leaves_its_teams_and_no_others(world: World) {
    let mona = world.user("mona").await;
    let (one, two) = (
        organization(&world, "one").await,
        organization(&world, "two").await,
    );
    join(&world, &one, &mona, Role::Member).await;
    join(&world, &two, &mona, Role::Member).await;
    team(&world, &one, "a", &[&mona]).await;
    let kept = team(&world, &two, "a", &[&mona]).await;
    let remove = || world.store.remove_member(one.id, mona.id, world.operator());
    remove().await.unwrap();
    assert_eq!(refusal(remove().await), OrganizationRefused::NotAMember);
    let held = world.store.memberships(mona.id).await.unwrap();
    assert_eq!(held.organizations, [(two.id, Role::Member)]);
    assert_eq!(held.teams, [kept.id]);
    // Who comes back is in no team.
    join(&world, &one, &mona, Role::Member).await;
    let held = world.store.memberships(mona.id).await.unwrap();
    assert_eq!(held.teams, [kept.id]);
}

async fn a_deleted_organization_leaves_nothing_behind(world: World) {
    let mona = world.user("mona").await;
    let acme = organization(&world, "acme").await;
    join(&world, &acme, &mona, Role::Admin).await;
    let gone = team(&world, &acme, "a", &[&mona]).await;
    let delete = || world.store.delete_organization(acme.id, world.operator());
    assert_eq!(
        delete().await.unwrap(),
        DeletedOrganization {
            members: 1,
            teams: 1,
            apps: 0
        }
    );
    assert_eq!(refusal(delete().await), OrganizationRefused::NotFound);
    let held = world.store.memberships(mona.id).await.unwrap();
    assert!(held.organizations.is_empty() && held.teams.is_empty());
    assert_eq!(world.store.team_by_id(gone.id).await.unwrap(), None);
    let slug = Slug::parse("a").unwrap();
    assert_eq!(world.store.find_team(acme.id, &slug).await.unwrap(), None);
    let own = world.store.organizations_of(mona.id, everything()).await;
    assert_eq!(own.unwrap().total, 0);
    let set = world
        .store
        .set_member(acme.id, mona.id, Role::Member, world.operator());
    assert_eq!(refusal(set.await), OrganizationRefused::NotFound);
}

async fn a_deleted_user_loses_all_memberships(world: World) {
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let acme = organization(&world, "acme").await;
    for user in [&mona, &hubot] {
        join(&world, &acme, user, Role::Member).await;
    }
    let team = team(&world, &acme, "a", &[&mona, &hubot]).await;
    world.pass(Duration::from_secs(5));
    world
        .store
        .delete_account(mona.id, world.operator())
        .await
        .unwrap();
    let members = world
        .store
        .list_members(acme.id, MemberFilter::default(), everything())
        .await;
    assert_eq!(members.unwrap().total, 1);
    let team = world.store.team_by_id(team.id).await.unwrap().unwrap();
    assert_eq!(team.members, 1);
    assert_eq!(team.updated_at, world.now());
    assert_eq!(
        world.store.role_in_team(team.id, mona.id).await.unwrap(),
        None
    );
}

async fn only_members_of_the_organization_are_in_its_teams(world: World) {
    let mona = world.user("mona").await;
    let acme = organization(&world, "acme").await;
    let team = team(&world, &acme, "a", &[]).await;
    let store = &world.store;
    let add = |team, account| store.add_team_member(team, account, world.operator());
    let refused = refusal(add(team.id, mona.id).await);
    assert_eq!(refused, OrganizationRefused::NotInOrganization);
    let refused = refusal(add(TeamId(4711), mona.id).await);
    assert_eq!(refused, OrganizationRefused::NoSuchTeam);
    let set = store.set_member(acme.id, AccountId(4711), Role::Admin, world.operator());
    assert_eq!(refusal(set.await), OrganizationRefused::NoSuchUser);
    let name = TeamName::parse("A").unwrap();
    let twice = store.create_team(acme.id, name, world.operator());
    assert_eq!(refusal(twice.await), OrganizationRefused::SlugTaken);
}

/// What was announced since somebody last looked.
async fn news(world: &World, position: &mut FeedPosition) -> Vec<Change> {
    match world
        .store
        .changes_since(position.clone())
        .await
        .expect("the feed can be read")
        .read
    {
        FeedRead::Changes(changes) => {
            position.number = changes
                .last()
                .map_or(position.number, |change| change.number);
            changes.into_iter().map(|change| change.change).collect()
        }
        FeedRead::Lost(now) => {
            *position = now;
            Vec::new()
        }
    }
}

async fn every_change_of_a_membership_is_announced_for_both_sides(world: World) {
    let mona = world.user("mona").await;
    let acme = organization(&world, "acme").await;
    let mut position = FeedPosition::default();
    news(&world, &mut position).await;
    let both = [Change::Organization(acme.id), Change::Account(mona.id)];
    join(&world, &acme, &mona, Role::Member).await;
    assert_eq!(news(&world, &mut position).await, both);
    join(&world, &acme, &mona, Role::Member).await;
    assert_eq!(news(&world, &mut position).await, []);
    let team = team(&world, &acme, "a", &[&mona]).await;
    assert_eq!(
        news(&world, &mut position).await,
        [&both[..1], &both].concat()
    );
    let (store, by) = (&world.store, || world.operator());
    store
        .remove_team_member(team.id, mona.id, by())
        .await
        .unwrap();
    assert_eq!(news(&world, &mut position).await, both);
    store.delete_team(team.id, by()).await.unwrap();
    assert_eq!(news(&world, &mut position).await, both[..1]);
    store.remove_member(acme.id, mona.id, by()).await.unwrap();
    assert_eq!(news(&world, &mut position).await, both);
    join(&world, &acme, &mona, Role::Member).await;
    news(&world, &mut position).await;
    store.delete_account(mona.id, by()).await.unwrap();
    let announced = news(&world, &mut position).await;
    assert!(
        both.iter().all(|change| announced.contains(change)),
        "{announced:?}"
    );
    store.delete_organization(acme.id, by()).await.unwrap();
    assert_eq!(news(&world, &mut position).await, both[..1]);
}
