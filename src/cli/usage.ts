/** The help text of the command line. */
export const USAGE = `Usage: amends <command> [options]

  backup <ledger> <to> [--force] [--json]   Copy a ledger while it is in use, and check the copy.
                                            --force replaces a file that is there.
  check <ledger> [--json]                   Look for damage. Exit code 1 when there is any.

  --help      Show this text.
  --version   Show the version.
`
