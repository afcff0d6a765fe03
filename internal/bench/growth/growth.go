package growth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/measure"
)

// Size is what a program with so many endpoints came to.
type Size struct {
	Endpoints int
	Register  time.Duration // CPU time of declaring them all, median
	Document  time.Duration // CPU time of making the OpenAPI document
	Bytes     int           // of the document as JSON
	Binary    int64         // bytes, as `go build` leaves it
}

// Build compares two toolkits on the same number of endpoints.
type Build struct {
	Endpoints int
	CPU       measure.Spread // CPU time of building the endpoints and linking, as a ratio
	Net       measure.Spread // the same without what one endpoint takes already
	Binary    float64        // bytes of binary per endpoint, as a ratio
	PerOurs   float64        // bytes of binary per endpoint
	PerTheirs float64
}

// Scratch is a temporary module that the programs are built in.
type Scratch struct {
	dir string
	env []string
}

// NewScratch prepares the module in a temporary directory. benchDir is where the
// module of the benchmarks stands: the scratch module requires what that does.
func NewScratch(benchDir string) (*Scratch, error) {
	benchDir, err := filepath.Abs(benchDir)
	if err != nil {
		return nil, err
	}
	mod, err := os.ReadFile(filepath.Join(benchDir, "go.mod"))
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(benchDir, "go.sum"))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "growth")
	if err != nil {
		return nil, err
	}
	text := strings.Replace(string(mod), "module github.com/apiroutes/apiroutes/internal/bench\n", "module scratch\n", 1)
	text = strings.Replace(text, "=> ../..", "=> "+filepath.Dir(filepath.Dir(benchDir)), 1)
	s := &Scratch{dir: dir, env: append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod -buildvcs=false")}
	if err := writeFile(filepath.Join(dir, "go.mod"), []byte(text)); err != nil {
		return nil, err
	}
	return s, writeFile(filepath.Join(dir, "go.sum"), sum)
}

// Close removes the module.
func (s *Scratch) Close() error { return os.RemoveAll(s.dir) }

// program writes a program, unless it stands there already, and returns its name.
func (s *Scratch) program(k Toolkit, n int) (string, error) {
	name := fmt.Sprintf("%s%d", k.Name, n)
	dir := filepath.Join(s.dir, name)
	if _, err := os.Stat(dir); err == nil {
		return name, nil
	}
	return name, k.write(dir, "scratch", n)
}

// build builds a program and returns the CPU time that it took.
func (s *Scratch) build(name string) (time.Duration, error) {
	cmd := exec.Command("go", "build", "-o", name+".bin", "./"+name)
	cmd.Dir, cmd.Env = s.dir, s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("growth: building %s: %w\n%.2000s", name, err, out)
	}
	// The times of a process that has ended hold those of the compilers it waited for.
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

func (s *Scratch) binary(name string) (int64, error) {
	info, err := os.Stat(filepath.Join(s.dir, name+".bin"))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Measure builds a program with n endpoints and runs it a few times.
func (s *Scratch) Measure(k Toolkit, n int) (Size, error) {
	name, err := s.program(k, n)
	if err != nil {
		return Size{}, err
	}
	if _, err := s.build(name); err != nil {
		return Size{}, err
	}
	size := Size{Endpoints: n}
	if size.Binary, err = s.binary(name); err != nil {
		return Size{}, err
	}
	var register, document []float64
	for range 7 {
		out, err := exec.Command(filepath.Join(s.dir, name+".bin")).Output()
		if err != nil {
			return Size{}, fmt.Errorf("growth: running %s: %w", name, err)
		}
		var run struct{ Register, Document, Bytes int64 }
		if err := json.NewDecoder(bytes.NewReader(out)).Decode(&run); err != nil {
			return Size{}, fmt.Errorf("growth: %s said %q: %w", name, out, err)
		}
		register = append(register, float64(run.Register))
		document = append(document, float64(run.Document))
		size.Bytes = int(run.Bytes)
	}
	size.Register = time.Duration(measure.Summary(register).Median)
	size.Document = time.Duration(measure.Summary(document).Median)
	return size, nil
}

// Compare builds n endpoints with both toolkits, in turn, compiling the endpoints
// afresh each time and nothing else.
func (s *Scratch) Compare(ours, theirs Toolkit, n, rounds int) (Build, error) {
	b := Build{Endpoints: n}
	var names [2][2]string // by toolkit: the program with one endpoint, the one with n
	var perEndpoint [2]float64
	for i, k := range []Toolkit{ours, theirs} {
		var sizes [2]int64
		for j, count := range []int{1, n} {
			var err error
			if names[i][j], err = s.program(k, count); err != nil {
				return b, err
			}
			if _, err = s.build(names[i][j]); err != nil { // compiles what both share
				return b, err
			}
			if sizes[j], err = s.binary(names[i][j]); err != nil {
				return b, err
			}
		}
		perEndpoint[i] = float64(sizes[1]-sizes[0]) / float64(n-1)
	}
	b.PerOurs, b.PerTheirs = perEndpoint[0], perEndpoint[1]
	b.Binary = b.PerOurs / b.PerTheirs
	var whole, net []float64
	for round := range rounds {
		var used [2][2]float64
		for i := range names {
			for j, name := range names[i] {
				if err := touch(filepath.Join(s.dir, name), fmt.Sprint(time.Now().UnixNano(), round)); err != nil {
					return b, err
				}
				took, err := s.build(name)
				if err != nil {
					return b, err
				}
				used[i][j] = float64(took)
			}
		}
		whole = append(whole, used[0][1]/used[1][1])
		net = append(net, (used[0][1]-used[0][0])/(used[1][1]-used[1][0]))
	}
	b.CPU, b.Net = measure.Summary(whole), measure.Summary(net)
	return b, nil
}
