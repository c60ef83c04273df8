//! Changes that nobody is told of: the server goes on answering from memory, and the harness must
//! find that out.

use super::by_api::end_for_good;
use super::changer::Changer;
use super::tokens::SCOPES;

/// One thing after another.
pub(super) const SCENARIOS: &[fn(&mut Changer<'_>)] = &[end_behind_everybodys_back];

const END: &str = "UPDATE token_digests SET ended_at = 1, end_reason = 'deleted_by_owner' WHERE authorization_id =";

fn end_behind_everybodys_back(me: &mut Changer<'_>) {
    let token = me.personal_token(SCOPES);
    let database = me.ground.program.database();
    let end = format!("{END} {}", token.id);
    end_for_good(me, "an end that is not announced", &token, |_| {
        database.run(&end);
    });
}
