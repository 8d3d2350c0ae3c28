package std

import _ "embed" // for the data

//go:embed export_darwin_arm64.zip
var exportZip []byte
