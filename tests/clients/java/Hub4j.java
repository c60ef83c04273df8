import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.kohsuke.github.GHAuthorization;
import org.kohsuke.github.GHMembership;
import org.kohsuke.github.GHTeam;
import org.kohsuke.github.GHUser;
import org.kohsuke.github.GitHub;
import org.kohsuke.github.GitHubBuilder;

/** Calls of hub4j's github-api. */
final class Hub4j {
    private Hub4j() {}

    static Object call(JsonNode call) throws IOException {
        GitHub client = connect(call);
        switch (call.get("method").asText()) {
            case "checkApiUrlValidity":
                client.checkApiUrlValidity();
                return true;
            case "isCredentialValid":
                return client.isCredentialValid();
            case "getMyself":
                return client.getMyself().getLogin();
            case "getUser":
                return user(client.getUser(text(call, "user")));
            case "createToken":
                return token(client.createToken(texts(call, "scopes"), text(call, "note"), null));
            case "createTokenWithCode":
                return token(client.createToken(
                        texts(call, "scopes"), text(call, "note"), null, () -> text(call, "code")));
            case "createOrGetAuth":
                return token(client.createOrGetAuth(
                        text(call, "client_id"),
                        text(call, "client_secret"),
                        texts(call, "scopes"),
                        text(call, "note"),
                        null));
            case "checkAuth":
                return token(client.checkAuth(text(call, "client_id"), text(call, "token")));
            case "resetAuth":
                return token(client.resetAuth(text(call, "client_id"), text(call, "token")));
            case "deleteAuth":
                client.deleteAuth(call.get("id").asLong());
                return true;
            case "listMembersWithRole":
                return logins(client.getOrganization(text(call, "org")).listMembersWithRole(text(call, "role")));
            case "listMembersWithFilter":
                return logins(client.getOrganization(text(call, "org")).listMembersWithFilter(text(call, "filter")));
            case "teamMembers":
                return team(client, call);
            case "listOrgMemberships":
                return memberships(client, text(call, "state"));
            default:
                throw new IllegalArgumentException("no such method: " + call);
        }
    }

    private static GitHub connect(JsonNode call) throws IOException {
        JsonNode as = call.get("as");
        GitHubBuilder builder = new GitHubBuilder().withEndpoint(text(call, "base_url"));
        if (as.has("token")) {
            builder.withOAuthToken(text(as, "token"));
        } else if (as.has("login")) {
            builder.withPassword(text(as, "login"), text(as, "password"));
        }
        return builder.build();
    }

    private static Map<String, Object> user(GHUser user) throws IOException {
        Date suspendedAt = user.getSuspendedAt();
        return Map.of("login", user.getLogin(), "is_suspended", suspendedAt != null);
    }

    private static Map<String, Object> token(GHAuthorization made) {
        List<String> scopes = made.getScopes();
        return Map.of(
                "id", made.getId(),
                "token", String.valueOf(made.getToken()),
                "note", String.valueOf(made.getNote()),
                "app", String.valueOf(made.getAppName()),
                "scopes", scopes == null ? Collections.emptyList() : scopes);
    }

    private static Map<String, Object> team(GitHub client, JsonNode call) throws IOException {
        GHTeam team = client.getOrganization(text(call, "org")).getTeamBySlug(text(call, "team"));
        GHUser user = client.getUser(text(call, "user"));
        return Map.of("members", logins(team.listMembers()), "has_member", team.hasMember(user));
    }

    private static List<String> memberships(GitHub client, String state) throws IOException {
        GHMembership.State wanted = GHMembership.State.valueOf(state);
        List<String> found = new ArrayList<>();
        for (GHMembership each : client.getMyself().listOrgMemberships(wanted)) {
            found.add(each.getOrganization().getLogin() + " " + each.getState() + " " + each.getRole());
        }
        return found;
    }

    private static List<String> logins(Iterable<GHUser> users) {
        List<String> logins = new ArrayList<>();
        for (GHUser user : users) {
            logins.add(user.getLogin());
        }
        return logins;
    }

    private static String text(JsonNode node, String field) {
        return node.get(field).asText();
    }

    private static List<String> texts(JsonNode node, String field) {
        List<String> texts = new ArrayList<>();
        node.get(field).forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
