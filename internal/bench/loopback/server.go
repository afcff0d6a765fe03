// Package loopback measures contenders over sockets: each serves in a process of
// its own, so that its CPU time can be told from the load generator's.
package loopback

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
)

// Serve is the server process: it prints its address, then answers every line of
// control with the CPU time used so far, in nanoseconds, until control ends.
func Serve(c contender.Contender, control io.Reader, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer func() { _ = l.Close() }()
	go func() { _ = c.Listen(l) }() // ends when the listener closes
	if _, err := fmt.Fprintln(out, l.Addr()); err != nil {
		return err
	}
	for lines := bufio.NewScanner(control); lines.Scan(); {
		if _, err := fmt.Fprintln(out, measure.CPU().Nanoseconds()); err != nil {
			return err
		}
	}
	return nil
}

// server is a running server process, seen from the measuring one.
type server struct {
	name    string
	addr    string
	control io.WriteCloser
	answers *bufio.Reader
	cmd     *exec.Cmd
}

// start runs this program again with args, which must lead it to [Serve].
func start(name string, args ...string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
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
	s := &server{name: name, control: in, answers: bufio.NewReader(out), cmd: cmd}
	if s.addr, err = s.line(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) line() (string, error) {
	line, err := s.answers.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("loopback: the server %s: %w", s.name, err)
	}
	return strings.TrimSpace(line), nil
}

func (s *server) cpu() (time.Duration, error) {
	if _, err := io.WriteString(s.control, "\n"); err != nil {
		return 0, err
	}
	line, err := s.line()
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(line, 10, 64)
	return time.Duration(ns), err
}

// stop ends the process by ending its control; it has nothing to lose.
func (s *server) stop() {
	_ = s.control.Close()
	_ = s.cmd.Wait()
}
