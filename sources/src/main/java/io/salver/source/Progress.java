package io.salver.source;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * How far a file has come, as it is written down beside it.
 *
 * @param done whether it is whole and verified
 * @param bytes of it outlast a loss of power
 * @param tag of the content that they belong to
 */
record Progress(boolean done, long bytes, String tag) {
  /** What is written down; empty if that is nothing that can be used. */
  static Optional<Progress> read(Path file) throws IOException {
    try {
      String[] lines = Files.readString(file).split("\n", 3);
      return lines.length < 3
          ? Optional.empty()
          : Optional.of(new Progress(lines[0].equals("done"), Long.parseLong(lines[1]), lines[2]));
    } catch (NoSuchFileException | MalformedInputException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Writes it down, wholly or not at all. */
  void write(Path file) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(written, (done ? "done" : "coming") + "\n" + bytes + "\n" + tag);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
