package ui_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/ui"
)

// TestPolicyAllowsThePageOnly recomputes the hashes of what the page holds.
func TestPolicyAllowsThePageOnly(t *testing.T) {
	zip, err := gzip.NewReader(bytes.NewReader(ui.Page()))
	require.NoError(t, err)
	page, err := io.ReadAll(zip)
	require.NoError(t, err)
	found := 0
	for _, element := range []string{"script", "style"} {
		for _, m := range regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllSubmatch(page, -1) {
			sum := sha256.Sum256(m[1])
			require.Contains(t, ui.Policy, element+"-src ")
			require.Contains(t, ui.Policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
			found++
		}
	}
	require.Equal(t, 4, found)
	require.NotContains(t, string(page), "sourceMappingURL")
	require.NotEmpty(t, ui.Version)
}

// The page may send requests to the origins that the document names, and nowhere else.
func TestPolicyWithOrigins(t *testing.T) {
	require.Equal(t, ui.Policy, ui.PolicyWith())
	policy := ui.PolicyWith("https://api.example.org", "https://id.example.org")
	require.Contains(t, policy, "connect-src 'self' https://api.example.org https://id.example.org; base-uri 'none'")
}

// The page to which a provider returns holds the one script that its policy allows.
func TestRedirectPage(t *testing.T) {
	scripts := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindAllSubmatch(ui.RedirectPage(), -1)
	require.Len(t, scripts, 1)
	sum := sha256.Sum256(scripts[0][1])
	require.Contains(t, ui.RedirectPolicy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';")
}
