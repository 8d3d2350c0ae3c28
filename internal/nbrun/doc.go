// Package nbrun runs notebooks on a Jupyter kernel and compares their outputs with those expected.
//
// [Run] executes a notebook as nbclient does. Expected outputs stand in the metadata of cells, in a small
// pattern language ([Template]) that docs/expected-outputs.md explains. [RunFiles] and [VerifyFiles] are the
// commands gokernel run and gokernel verify.
package nbrun
