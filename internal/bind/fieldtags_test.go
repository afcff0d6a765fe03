package bind_test

import (
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// TestTagsLikeLookup reads random struct tags, malformed ones too, as reflect does.
func TestTagsLikeLookup(t *testing.T) {
	pieces := []string{
		`path`, `query`, `header`, `cookie`, `form`, `body`, `default`, `json`, `validate`, `x`, ``,
		`:`, `:"`, `"`, `:""`, `:"id"`, `:"a,omitempty"`, `:"say \"hi\""`, `:"\q"`, `:"\`, `:"tab\t"`, `:"\u00e9é"`, " ", "  ", "\t", "\n", "\x7f", "é", `\`,
	}
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	rounds := 20_000
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds *= 100
	}
	for range rounds {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		tag := reflect.StructTag(b.String())
		for _, name := range []string{"path", "query", "header", "cookie", "form", "body", "default", "json"} {
			want, wanted := tag.Lookup(name)
			if got, ok := bind.LookupTag(tag, name); got != want || ok != wanted {
				t.Fatalf("%q %s: %q %t, want %q %t", tag, name, got, ok, want, wanted)
			}
			if got, ok := syntax.LookupTag(tag, name); got != want || ok != wanted {
				t.Fatalf("%q %s alone: %q %t, want %q %t", tag, name, got, ok, want, wanted)
			}
			if wanted {
				found++
			}
		}
	}
	t.Logf("%d tags, %d values found", rounds, found)
	if found < 1000 {
		t.Error("only", found, "were found")
	}
}
