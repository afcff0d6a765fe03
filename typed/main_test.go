package typed_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Nothing that a request starts outlives the tests.
func TestMain(m *testing.M) {
	if program := os.Getenv(serveVariable); program != "" {
		serve := serveForever
		if program == "rollout" {
			serve = serveRollout
		}
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}
