package measure

import (
	"syscall"
	"time"
)

// CPU is the processor time that this process has used, collection included.
// Wall-clock time on a shared machine measures the neighbours.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("measure: getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
