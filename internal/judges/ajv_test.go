package judges

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// vector is a body, the place of its schema in the document, and the verdict of the
// first engine, santhosh-tekuri/jsonschema.
type vector struct {
	Pointer  string `json:"pointer"`
	Body     string `json:"body"`
	Accepted bool   `json:"accepted"`
}

// differences are the values on which the engines differ, and why; none is a fault of
// the schemas.
var differences = []struct {
	body   *regexp.Regexp
	reason string
}{
	{regexp.MustCompile(`[0-9]{16,}`), "ajv reads numbers as IEEE doubles, so integers beyond 2^53 are rounded before it sees them"},
}

// judgeByAjv asks the second engine about the same values.
func judgeByAjv(t *testing.T, doc any, vectors []vector) {
	t.Helper()
	require.NotEmpty(t, vectors)
	input, err := json.Marshal(map[string]any{"doc": doc, "vectors": vectors})
	require.NoError(t, err)
	t.Run("ajv", func(t *testing.T) {
		out, err := node(t, input, "ajv.mjs")
		require.NoError(t, err, out)
		var verdict struct {
			Judged, Schemas int
			Differ          []vector
		}
		require.NoError(t, json.Unmarshal([]byte(out), &verdict), out)
		require.Equal(t, len(vectors), verdict.Judged)
		excused := map[string]int{}
		for _, v := range verdict.Differ {
			if reason := excuse(v.Body); reason != "" {
				excused[reason]++
				continue
			}
			t.Errorf("%s: %s: santhosh-tekuri says %v, ajv %v", v.Pointer, v.Body, v.Accepted, !v.Accepted)
		}
		t.Logf("ajv judged %d values by %d schemas", verdict.Judged, verdict.Schemas)
		for reason, n := range excused {
			t.Logf("%d values on which the engines differ: %s", n, reason)
		}
	})
}

func excuse(body string) string {
	for _, d := range differences {
		if d.body.MatchString(body) {
			return d.reason
		}
	}
	return ""
}
