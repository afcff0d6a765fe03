package typed_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

func TestCrossOrigin(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /form", func(_ context.Context, in form, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Name)
	})
	typed.Handle(api, "POST /session", func(_ context.Context, in struct {
		Session string `cookie:"session"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Session)
	})
	typed.Handle(api, "POST /json", func(_ context.Context, in address, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.City)
	})
	for _, tt := range []struct {
		path, contentType, body, site string
		status                        int
	}{
		{"/form", "application/x-www-form-urlencoded", "name=A&email=a@b.co", "same-origin", 200},
		{"/form", "application/x-www-form-urlencoded", "name=A&email=a@b.co", "cross-site", 403},
		{"/session", "", "", "cross-site", 403},
		{"/session", "", "", "none", 200},
		{"/json", "application/json", `{"city":"P"}`, "cross-site", 200},
	} {
		w := do(api, "POST", tt.path, tt.body, "Content-Type", tt.contentType, "Sec-Fetch-Site", tt.site, "Origin", "https://evil.example")
		require.Equal(t, tt.status, w.Code, "%v: %s", tt, w.Body)
		if tt.status == 403 {
			checkProblem(t, 403, w.Body.Bytes())
		}
	}
	for op := range api.Operations() {
		require.Equal(t, op.Path != "/json", op.Guarded)
	}
}

// The guard of forms and cookies is the caller's, where the caller gives one.
func TestCrossOriginOptions(t *testing.T) {
	guard := http.NewCrossOriginProtection()
	require.NoError(t, guard.AddTrustedOrigin("https://app.example"))
	guard.AddInsecureBypassPattern("POST /v1/hooks/{id}")
	api := typed.New("Test", "1", &typed.Options{CrossOrigin: guard, BasePath: "/v1"})
	for _, pattern := range []string{"POST /form", "DELETE /form", "GET /form", "POST /hooks/{id}"} {
		if strings.Contains(pattern, "{id}") {
			on[struct {
				ID      string `path:"id"`
				Session string `cookie:"session"`
			}](pattern)(api)
			continue
		}
		on[struct {
			Session string `cookie:"session"`
		}](pattern)(api)
	}
	for _, tt := range []struct {
		method, path, origin, site string
		status                     int
	}{
		{"POST", "/v1/form", "https://evil.example", "cross-site", 403},
		{"DELETE", "/v1/form", "https://evil.example", "cross-site", 403},
		{"POST", "/v1/form", "https://evil.example", "", 403},
		{"POST", "/v1/form", "https://app.example", "cross-site", 204},
		{"POST", "/v1/form", "http://example.com", "", 204}, // the host of the request
		{"POST", "/v1/form", "", "", 204},                   // no browser
		{"GET", "/v1/form", "https://evil.example", "cross-site", 204},
		{"POST", "/v1/hooks/7", "https://evil.example", "cross-site", 204},
	} {
		var header []string
		for _, h := range [][2]string{{"Origin", tt.origin}, {"Sec-Fetch-Site", tt.site}} {
			if h[1] != "" {
				header = append(header, h[0], h[1])
			}
		}
		require.Equal(t, tt.status, do(api, tt.method, tt.path, "", header...).Code, "%v", tt)
	}
}
