package judges

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page of examples/isr that is open in a browser shows what is saved in another window,
// without being loaded again.
func TestLivePage(t *testing.T) {
	executable := browser(t)
	program := build(t, "../../examples/isr")
	for _, router := range []string{"nethttp", "fiber"} {
		t.Run(router, func(t *testing.T) {
			url := launch(t, program, "-router", router)
			input, err := json.Marshal(map[string]string{"executable": executable, "url": url})
			require.NoError(t, err)
			text, err := node(t, input, "live.mjs")
			require.NoError(t, err, indent(text))
			type sight struct {
				Messages                   []string
				Before, Saved, After, Live string
			}
			var got sight
			require.NoError(t, json.Unmarshal([]byte(text), &got), text)
			want := sight{[]string{}, "Ten seconds later", "Saved <elsewhere>", "Saved <elsewhere>", "“Saved <elsewhere>” was saved just now."}
			require.Equal(t, want, got)
		})
	}
}
