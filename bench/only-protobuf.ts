/** What every program with generated message types loads, whatever it does with them. */
import '@bufbuild/protobuf'
import '@bufbuild/protobuf/codegenv2'
import '@bufbuild/protobuf/wkt'
