// Package toolchain finds the reader's Go toolchain and calls its compiler and linker directly.
//
// `go build` of a small program spends more than half of its time on deciding what is up to date. Where the same few
// imports are compiled against again and again, as in a notebook, that can be decided once: [Toolchain.Packages]
// asks `go list -export -deps` for the compiled packages of a set of imports and keeps the answer, [Toolchain.Compile] and
// [Toolchain.Link] then start $GOTOOLDIR/compile and link with it, as `go build -x` shows it. What that cannot do (cgo,
// assembly, flags in GOFLAGS that change how code is compiled) is for `go build` itself, see [Toolchain.Direct].
package toolchain
