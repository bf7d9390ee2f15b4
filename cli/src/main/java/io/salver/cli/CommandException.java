package io.salver.cli;

/** A command failed for a reason that whoever called it can do something about. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandException(String message) {
    super(message);
  }
}
