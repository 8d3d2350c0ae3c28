package worker

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// There are no subreapers here: a process whose parent has ended belongs to launchd and is not found any more.

func becomeSubreaper() error { return errors.ErrUnsupported }

const zombie = 5 // SZOMB of <sys/proc.h>

// processes reads the table of processes.
func processes() ([]process, error) {
	table, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	all := make([]process, len(table))
	for i, k := range table {
		all[i] = process{pid: int(k.Proc.P_pid), parent: int(k.Eproc.Ppid), state: 'R'}
		if k.Proc.P_stat == zombie {
			all[i].state = 'Z'
		}
	}
	return all, nil
}

func killOrphans() error { return nil }

func reapOrphans() (int, error) { return 0, nil }

// hasChildren cannot be told cheaply, so the table is read.
func hasChildren() bool {
	found, err := descendants()
	return err == nil && len(found) > 0
}

// holders cannot be told: a process that reads os.Stdin is not given end of file, and any process below the worker
// may hold the pipes.
func holders(_ uintptr, fd int) (pids []int) {
	found, err := descendants()
	if err != nil || fd >= 0 {
		return nil
	}
	for _, p := range found {
		if !p.ended() {
			pids = append(pids, p.pid)
		}
	}
	return pids
}
