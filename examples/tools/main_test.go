package main

import (
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

// The program is started by its client, with and without a token.
func TestStdio(t *testing.T) {
	for token, want := range map[string][]string{"": {"find_users"}, "guest": {"find_users"}, "secret": {"add_user", "find_users"}} {
		t.Run("token "+token, func(t *testing.T) {
			self, err := os.Executable()
			require.NoError(t, err)
			program := exec.Command(self)
			program.Env = append(os.Environ(), "APIROUTES_EXAMPLE=1", "USERS_TOKEN="+token)
			session := connect(t, &mcp.CommandTransport{Command: program})
			require.Equal(t, want, tools(t, session))
			walk(t, session, token == "secret")
		})
	}
}

// Each client brings its own token; the API answers programs beside it.
func TestHTTP(t *testing.T) {
	program := smoke.Start(t, "-http")
	for token, want := range map[string][]string{"": {"find_users"}, "secret": {"add_user", "find_users"}} {
		t.Run("token "+token, func(t *testing.T) {
			client := &http.Client{Transport: bearer(token)}
			session := connect(t, &mcp.StreamableClientTransport{Endpoint: program.URL + "/mcp", HTTPClient: client})
			require.Equal(t, want, tools(t, session))
			walk(t, session, token == "secret")
		})
	}
	require.Equal(t, http.StatusOK, program.Do(t, "GET", "/users?name=ada", "").Status)
	require.Equal(t, http.StatusForbidden, program.Do(t, "POST", "/mcp", "{}", "Origin", "https://evil.example").Status)
}

type bearer string

func (token bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+string(token))
	}
	return http.DefaultTransport.RoundTrip(r)
}

func connect(t *testing.T, transport mcp.Transport) *mcp.ClientSession {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1.0.0"}, nil).Connect(t.Context(), transport, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func tools(t *testing.T, session *mcp.ClientSession) []string {
	t.Helper()
	names := map[string]bool{}
	for tool, err := range session.Tools(t.Context(), nil) {
		require.NoError(t, err)
		names[tool.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func walk(t *testing.T, session *mcp.ClientSession, mayAdd bool) {
	t.Helper()
	call := func(tool string, arguments map[string]any) (string, bool) {
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
		require.NoError(t, err)
		return result.Content[0].(*mcp.TextContent).Text, result.IsError
	}
	found, failed := call("find_users", map[string]any{"name": "ad"})
	require.False(t, failed)
	require.Equal(t, `[{"id":1,"name":"Ada","email":"ada@example.com"}]`, found)
	added, failed := call("add_user", map[string]any{"name": "Grace", "email": "grace@example.com"})
	if !mayAdd {
		require.True(t, failed)
		require.Regexp(t, "^40[13] ", added)
		return
	}
	require.False(t, failed, added)
	require.Equal(t, `{"id":3,"name":"Grace","email":"grace@example.com"}`, added)
	refused, failed := call("add_user", map[string]any{"name": "Grace", "email": "grace"})
	require.True(t, failed)
	require.Contains(t, refused, "/email: ")
}
