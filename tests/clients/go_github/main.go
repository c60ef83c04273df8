// go-github as an app that proves itself with its client id and secret, and as a user with a token. It reads its
// settings from the first line of standard input and a call from each further one, {"method", …}: what it is about. It
// writes a line for each: the status and what go-github made of the body.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/google/go-github/v89/github"
)

type settings struct {
	BaseURL      string `json:"base_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// Of a user; only those who call as one need it.
	UserToken string `json:"user_token"`
}

type call struct {
	Method string   `json:"method"`
	User   string   `json:"user"`
	Token  string   `json:"token"`
	Scopes []string `json:"scopes"`
	Org    string   `json:"org"`
	Role   string   `json:"role"`
	Filter string   `json:"filter"`
	State  string   `json:"state"`
	OrgID  int64    `json:"org_id"`
	TeamID int64    `json:"team_id"`
}

type answer struct {
	Status  int    `json:"status"`
	Data    any    `json:"data"`
	Message string `json:"message,omitempty"`
	Broke   string `json:"broke,omitempty"`
}

// The clients that a call goes through.
type clients struct {
	clientID string
	app      *github.Client
	user     *github.Client
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	lines := bufio.NewScanner(os.Stdin)
	if !lines.Scan() {
		return errors.New("the first line holds the settings")
	}
	var wanted settings
	if err := json.Unmarshal(lines.Bytes(), &wanted); err != nil {
		return err
	}
	through, err := connect(wanted)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked call
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		if err := out.Encode(through.answer(asked)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func connect(wanted settings) (*clients, error) {
	urls := github.WithEnterpriseURLs(wanted.BaseURL, wanted.BaseURL)
	pair := github.BasicAuthTransport{Username: wanted.ClientID, Password: wanted.ClientSecret}
	app, err := github.NewClient(urls, github.WithHTTPClient(pair.Client()))
	if err != nil {
		return nil, err
	}
	through := &clients{clientID: wanted.ClientID, app: app}
	if wanted.UserToken != "" {
		through.user, err = github.NewClient(urls, github.WithAuthToken(wanted.UserToken))
	}
	return through, err
}

func (c *clients) answer(asked call) answer {
	data, response, err := c.carryOut(asked)
	var refused *github.ErrorResponse
	switch {
	case errors.As(err, &refused):
		return answer{Status: refused.Response.StatusCode, Message: refused.Message}
	case err != nil:
		return answer{Broke: err.Error()}
	default:
		return answer{Status: response.StatusCode, Data: data}
	}
}

func (c *clients) carryOut(asked call) (any, *github.Response, error) {
	ctx := context.Background()
	switch asked.Method {
	case "Check":
		return value(c.app.Authorizations.Check(ctx, c.clientID, asked.Token))
	case "Reset":
		return value(c.app.Authorizations.Reset(ctx, c.clientID, asked.Token))
	case "Revoke":
		return nothing(c.app.Authorizations.Revoke(ctx, c.clientID, asked.Token))
	case "DeleteGrant":
		return nothing(c.app.Authorizations.DeleteGrant(ctx, c.clientID, asked.Token))
	case "CreateImpersonation":
		wanted := &github.AuthorizationRequest{}
		for _, scope := range asked.Scopes {
			wanted.Scopes = append(wanted.Scopes, github.Scope(scope))
		}
		return value(c.user.Authorizations.CreateImpersonation(ctx, asked.User, wanted))
	case "DeleteImpersonation":
		return nothing(c.user.Authorizations.DeleteImpersonation(ctx, asked.User))
	case "CreateUser":
		return value(c.user.Admin.CreateUser(ctx, github.CreateUserRequest{Login: asked.User}))
	case "DeleteUser":
		return nothing(c.user.Admin.DeleteUser(ctx, asked.User))
	case "Suspend":
		// Without options the client sends null.
		return nothing(c.user.Users.Suspend(ctx, asked.User, nil))
	case "Unsuspend":
		return nothing(c.user.Users.Unsuspend(ctx, asked.User))
	case "PromoteSiteAdmin":
		return nothing(c.user.Users.PromoteSiteAdmin(ctx, asked.User))
	case "DemoteSiteAdmin":
		return nothing(c.user.Users.DemoteSiteAdmin(ctx, asked.User))
	case "GetUser":
		return value(c.user.Users.Get(ctx, asked.User))
	case "ListMembers":
		only := &github.ListMembersOptions{Role: asked.Role, Filter: asked.Filter}
		return value(c.user.Organizations.ListMembers(ctx, asked.Org, only))
	case "ListOrgMemberships":
		only := &github.ListOrgMembershipsOptions{State: asked.State}
		return value(c.user.Organizations.ListOrgMemberships(ctx, only))
	case "LookUpByID":
		return c.lookUpByID(ctx, asked)
	default:
		return nil, nil, fmt.Errorf("there is no call %q here", asked.Method)
	}
}

// What the methods say that take ids, of an organization, a team and somebody in it.
func (c *clients) lookUpByID(ctx context.Context, asked call) (any, *github.Response, error) {
	org, response, err := c.user.Organizations.GetByID(ctx, asked.OrgID)
	if err != nil {
		return nil, response, err
	}
	team, response, err := c.user.Teams.GetTeamByID(ctx, asked.OrgID, asked.TeamID)
	if err != nil {
		return nil, response, err
	}
	members, response, err := c.user.Teams.ListTeamMembersByID(ctx, asked.OrgID, asked.TeamID, nil)
	if err != nil {
		return nil, response, err
	}
	logins := []string{}
	for _, member := range members {
		logins = append(logins, member.GetLogin())
	}
	membership, response, err := c.user.Teams.GetTeamMembershipByID(ctx, asked.OrgID, asked.TeamID, asked.User)
	if err != nil {
		return nil, response, err
	}
	public, response, err := c.user.Organizations.List(ctx, asked.User, nil)
	found := map[string]any{
		"org": org.GetLogin(), "plan": org.GetPlan().GetName(), "team": team.GetSlug(), "members": logins,
		"role": membership.GetRole(), "public": len(public),
	}
	return found, response, err
}

func value[T any](data T, response *github.Response, err error) (any, *github.Response, error) {
	return data, response, err
}

func nothing(response *github.Response, err error) (any, *github.Response, error) {
	return nil, response, err
}
