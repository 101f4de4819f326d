"""Pure decisions about aid: who may be helped with how much, what a sheet says, what may be told."""
