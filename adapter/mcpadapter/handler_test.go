package mcpadapter_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
)

// Pages of other origins do not reach the server, by any method.
func TestHandlerGuards(t *testing.T) {
	server := newServer()
	mcpadapter.Add(server, newAPI(nil), items()[2])
	trusting := http.NewCrossOriginProtection()
	require.NoError(t, trusting.AddTrustedOrigin("https://app.example"))
	const ping = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	for name, c := range map[string]struct {
		guard  *http.CrossOriginProtection
		method string
		header map[string]string
		host   string
		want   int
	}{
		"no browser":           {nil, "POST", nil, "", 200},
		"same origin":          {nil, "POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, "", 200},
		"other origin":         {nil, "POST", map[string]string{"Origin": "https://evil.example"}, "", 403},
		"other origin, GET":    {nil, "GET", map[string]string{"Origin": "https://evil.example"}, "", 403},
		"other origin, DELETE": {nil, "DELETE", map[string]string{"Origin": "https://evil.example"}, "", 403},
		"other site":           {nil, "POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, "", 403},
		"trusted":              {trusting, "POST", map[string]string{"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}, "", 200},
		"not trusted":          {trusting, "POST", map[string]string{"Origin": "https://evil.example"}, "", 403},
		"another host":         {nil, "POST", nil, "evil.example", 403},
		"GET":                  {nil, "GET", nil, "", 405},
	} {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(mcpadapter.Handler(server, c.guard))
			defer web.Close()
			r, err := http.NewRequestWithContext(t.Context(), c.method, web.URL, strings.NewReader(ping))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "application/json, text/event-stream")
			for name, value := range c.header {
				r.Header.Set(name, value)
			}
			r.Host = c.host
			res, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, c.want, res.StatusCode)
		})
	}
}
