package io.salver.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The secret with which prediction ids are made, so that nobody makes up predictions. */
final class PredictionKey {
  private static final String FILE = "prediction-ids.key";
  private static final int BYTES = 16;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private PredictionKey() {}

  /**
   * The key that is kept in a directory, made the first time; one for this run only where there is
   * no directory: feedback on older predictions is then refused.
   *
   * @throws StartException if the file cannot be read or written, or is not a key
   */
  static byte[] of(Optional<Path> stateDirectory) {
    if (stateDirectory.isEmpty()) {
      return random();
    }
    Path file = stateDirectory.get().resolve(FILE);
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      byte[] key = Files.readAllBytes(file);
      if (key.length != BYTES) {
        throw new StartException(
            file
                + ": "
                + key.length
                + " bytes (expected: "
                + BYTES
                + "; without the file a new key is made, and feedback on older predictions refused)");
      }
      return key;
    } catch (IOException e) {
      throw new StartException(file + ": " + e, e);
    }
  }

  /** By way of another file, so that nobody ever sees a part of it. */
  private static void create(Path file) throws IOException {
    Path directory = Files.createDirectories(file.toAbsolutePath().getParent());
    FileAttribute<Set<PosixFilePermission>> ownerOnly =
        PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    Path made = Files.createTempFile(directory, FILE, ".new", ownerOnly);
    try {
      Files.write(made, random(), StandardOpenOption.WRITE);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      // Another server was first: its key counts.
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private static byte[] random() {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }
}
