package report

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
)

// Machine is what the figures were measured on and with.
type Machine struct {
	Processor string
	CPUs      int
	System    string
	Go        string
	Load      string   // the load average when the run began
	Versions  []string // "module version"
}

// ThisMachine reads what /proc and the build tell.
func ThisMachine(contenders []contender.Contender) (Machine, error) {
	m := Machine{CPUs: runtime.NumCPU(), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH}
	m.Processor = field("/proc/cpuinfo", "model name")
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System = runtime.GOOS + " " + strings.TrimSpace(string(kernel))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(load), " ")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return m, fmt.Errorf("report: the program does not know what it was built from")
	}
	wanted := []string{"github.com/go-playground/validator/v10", "github.com/go-json-experiment/json"}
	for _, c := range contenders {
		wanted = append(wanted, c.Module)
	}
	for _, dep := range info.Deps {
		for _, name := range wanted {
			if dep.Path == name && dep.Replace == nil {
				m.Versions = append(m.Versions, dep.Path+" "+dep.Version)
				break
			}
		}
	}
	return m, nil
}

// field returns the first value of a "name : value" line; "unknown" without one.
func field(file, name string) string {
	text, _ := os.ReadFile(file) // where there is none, the processor is unknown
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
