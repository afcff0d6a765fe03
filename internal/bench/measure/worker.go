package measure

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
)

// Worker measures a contender in a process of its own, so that the garbage collector,
// which marks all that is alive, does not charge one contender for what another keeps.
type Worker struct {
	name    string
	in      io.WriteCloser
	answers *bufio.Reader
	cmd     *exec.Cmd
}

// StartWorker runs this program again with args, which must lead it to [Work], and
// with env ("GOGC=400") beside its environment.
func StartWorker(name string, env []string, args ...string) (*Worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &Worker{name, in, bufio.NewReader(out), cmd}, nil
}

// Close ends the process.
func (w *Worker) Close() error {
	if err := w.in.Close(); err != nil {
		return err
	}
	return w.cmd.Wait()
}

func (w *Worker) ask(answer string, into []any, question string, args ...any) error {
	if _, err := fmt.Fprintf(w.in, question, args...); err != nil {
		return fmt.Errorf("measure: the worker %s: %w", w.name, err)
	}
	if _, err := fmt.Fscanf(w.answers, answer, into...); err != nil {
		return fmt.Errorf("measure: the worker %s: %w", w.name, err)
	}
	return nil
}

// Run implements [Subject].
func (w *Worker) Run(workload string, n int) (time.Duration, error) {
	var ns int64
	err := w.ask("%d\n", []any{&ns}, "run %s %d\n", workload, n)
	return time.Duration(ns), err
}

// Allocations implements [Subject].
func (w *Worker) Allocations(workload string) (count, bytes float64, err error) {
	err = w.ask("%g %g\n", []any{&count, &bytes}, "allocations %s %d\n", workload, 0)
	return count, bytes, err
}

// Work is the worker process: it measures c as it is asked until in ends.
func Work(c contender.Contender, in io.Reader, out io.Writer) error {
	l := NewLocal(c)
	questions := bufio.NewReader(in)
	for {
		var what, workload string
		var n int
		if _, err := fmt.Fscanf(questions, "%s %s %d\n", &what, &workload, &n); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("measure: a question that is none: %w", err)
		}
		var answer string
		if what == "run" {
			used, err := l.Run(workload, n)
			if err != nil {
				return err
			}
			answer = fmt.Sprintf("%d\n", used.Nanoseconds())
		} else {
			count, bytes, err := l.Allocations(workload)
			if err != nil {
				return err
			}
			answer = fmt.Sprintf("%g %g\n", count, bytes)
		}
		if _, err := io.WriteString(out, answer); err != nil {
			return err
		}
	}
}
