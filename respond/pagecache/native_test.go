package pagecache_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// native names the tests that show each of the cache's own cases, or says why one
// process cannot.
var native = map[string]string{
	"rev-404":                 "TestRevalidateResults",
	"rev-only-generated":      "TestRevalidateStored",
	"rev-vs-inflight-render":  "TestNoLostUpdate",
	"rev-vs-inflight-l1-fill": "diskstore/TestFillDoesNotOvertakePut",
	"rev-concurrent":          "TestConcurrentRevalidate",
	"rev-storm":               "TestRevalidateStorm",
	"rev-store-down":          "TestStoreDown",
	"tag-empty":               "TestTags",
	"tag-after-evict":         "storetest/evictedTagIsRemembered",
	"herd-cold":               "TestHerd",
	"herd-expired-no-swr":     "TestHerd",
	"herd-swr":                "TestHerd",
	"herd-leader-cancelled":   "TestLeaderGoesAway",
	"store-kill9":             "TestStoreDown",
	"store-hang":              "TestStoreHangs",
	"store-flushall":          "TestStoreEmptied",
	"store-corrupt":           "TestStoreDamaged",
	"disk-kill9":              "diskstore/TestKill",
	"key-dup-param":           "TestOneParseForKeyAndHandler",
	"key-param-placeholder":   "TestPathValues",
	"key-head":                "TestHead",
	"draft-shared-fill":       "TestRequestFieldsAreNotSeen", // there are no drafts; a bypassed request shares nothing
	"auth-request":            "TestRequestFieldsAreNotSeen",
	"webhook-sig":             "../../typed/TestHookRefuses",
}

// TestNativeCases keeps the table whole: every case of the file has a test.
func TestNativeCases(t *testing.T) {
	_, ids := readCases(t)
	require.Len(t, native, len(ids))
	for _, id := range ids {
		dir, name := filepath.Split(native[id])
		require.NotEmpty(t, name, id)
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		found := false
		for _, f := range files {
			src, err := os.ReadFile(f)
			require.NoError(t, err)
			found = found || strings.Contains(string(src), "\nfunc "+name+"(")
		}
		require.True(t, found, "%s: %s", id, native[id])
	}
}
