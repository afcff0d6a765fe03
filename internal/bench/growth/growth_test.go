package growth_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/bench/growth"
)

// TestPrograms builds and runs a small program of each toolkit.
func TestPrograms(t *testing.T) {
	s, err := growth.NewScratch("..")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, k := range []growth.Toolkit{growth.Ours(), growth.Huma()} {
		t.Run(k.Name, func(t *testing.T) {
			size, err := s.Measure(k, 3)
			if err != nil {
				t.Fatal(err)
			}
			if size.Register <= 0 || size.Bytes == 0 || size.Binary == 0 {
				t.Errorf("nothing was measured: %+v", size)
			}
		})
	}
}
