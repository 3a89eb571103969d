"""The only code that writes identity's tables, by aggregate; import the submodule you need."""
