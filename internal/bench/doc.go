// Package bench compares this project with hand-written net/http and with other
// toolkits on six workloads, in one run, as ratios.
//
// The rooms:
//
//   - work: what is asked, and what has to come back.
//   - contender: one package for each way of serving it.
//   - measure: calling a contender in-process, CPU time, interleaved rounds.
//   - probe: what each contender refuses, measured by requests.
//   - growth: what many endpoints cost to build, to register and to ship.
//   - loopback: the same over sockets, with a load generator.
//   - report: everything above as docs/guide/performance.md.
//
// It is a module of its own, outside the workspace, so that no router or toolkit
// becomes a requirement of the project. From the root:
//
//	GOWORK=off go -C internal/bench test ./...
//	GOWORK=off go -C internal/bench run ./cmd/report
//	GOWORK=off go -C internal/bench run ./cmd/compare
//
// cmd/entered counts the functions that a request enters; its comment says how to build it.
package bench
