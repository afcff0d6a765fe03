package respond_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
)

func TestOutside(t *testing.T) {
	t.Run("R18 titles are those of RFC 9110", func(t *testing.T) {
		for status, want := range map[int]string{
			400: "Bad Request", 413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable",
			422: "Unprocessable Content", 500: "Internal Server Error", 599: "Unknown Error",
		} {
			content, err := json.Marshal(&respond.Problem{Status: status})
			require.NoError(t, err)
			var got struct{ Title string }
			require.NoError(t, json.Unmarshal(content, &got))
			require.Equal(t, want, got.Title)
		}
	})
}
