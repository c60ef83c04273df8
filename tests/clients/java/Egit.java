import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.egit.github.core.Authorization;
import org.eclipse.egit.github.core.Team;
import org.eclipse.egit.github.core.User;
import org.eclipse.egit.github.core.client.GitHubClient;
import org.eclipse.egit.github.core.service.OAuthService;
import org.eclipse.egit.github.core.service.OrganizationService;
import org.eclipse.egit.github.core.service.TeamService;

/** Calls of EGit's client, which asks for the media type of the beta. */
final class Egit {
    private Egit() {}

    static Object call(JsonNode call) throws IOException {
        GitHubClient client = connect(call);
        OAuthService tokens = new OAuthService(client);
        switch (call.get("method").asText()) {
            case "getAuthorizations":
                List<Object> listed = new ArrayList<>();
                for (Authorization each : tokens.getAuthorizations()) {
                    listed.add(token(each));
                }
                return listed;
            case "createAuthorization":
                Authorization wanted = new Authorization();
                wanted.setNote(call.get("note").asText());
                wanted.setScopes(texts(call));
                return token(tokens.createAuthorization(wanted));
            case "setScopes":
                return token(tokens.setScopes(id(call), texts(call)));
            case "addScopes":
                return token(tokens.addScopes(id(call), texts(call)));
            case "removeScopes":
                return token(tokens.removeScopes(id(call), texts(call)));
            case "deleteAuthorization":
                tokens.deleteAuthorization(id(call));
                return true;
            case "getOrganizations":
                return logins(new OrganizationService(client).getOrganizations());
            case "getMembers":
                return logins(new OrganizationService(client).getMembers(call.get("org").asText()));
            case "isMember":
                return new OrganizationService(client)
                        .isMember(call.get("org").asText(), call.get("user").asText());
            case "teamMembers":
                return teamMembers(client, call.get("org").asText());
            default:
                throw new IllegalArgumentException("no such method: " + call);
        }
    }

    private static GitHubClient connect(JsonNode call) {
        JsonNode as = call.get("as");
        URI server = URI.create(call.get("base_url").asText());
        GitHubClient client = new GitHubClient(server.getHost(), server.getPort(), server.getScheme());
        if (as.has("token")) {
            client.setOAuth2Token(as.get("token").asText());
        } else if (as.has("login")) {
            client.setCredentials(as.get("login").asText(), as.get("password").asText());
        }
        return client;
    }

    private static Map<String, Object> token(Authorization made) {
        return Map.of(
                "id", made.getId(),
                "token", String.valueOf(made.getToken()),
                "note", String.valueOf(made.getNote()),
                "scopes", made.getScopes());
    }

    private static Map<String, Object> teamMembers(GitHubClient client, String org) throws IOException {
        TeamService teams = new TeamService(client);
        Map<String, Object> members = new java.util.TreeMap<>();
        for (Team team : teams.getTeams(org)) {
            members.put(team.getName(), logins(teams.getMembers(team.getId())));
        }
        return members;
    }

    private static List<String> logins(List<User> users) {
        List<String> logins = new ArrayList<>();
        for (User user : users) {
            logins.add(user.getLogin());
        }
        return logins;
    }

    private static int id(JsonNode call) {
        return call.get("id").asInt();
    }

    private static List<String> texts(JsonNode call) {
        List<String> texts = new ArrayList<>();
        call.get("scopes").forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
