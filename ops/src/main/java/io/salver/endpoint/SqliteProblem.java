package io.salver.endpoint;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failure of the file means, and what can be done about it. Stateless. */
final class SqliteProblem {
  /** The lower bits of a result code are the primary one. */
  private static final int PRIMARY = 0xff;

  private SqliteProblem() {}

  /** A failure while the file is opened, where a statement fails only by what the file has. */
  static ServingException opening(Path file, SQLException e) {
    return switch (primary(e)) {
      case SQLITE_ERROR, UNKNOWN_ERROR -> corrupt(file, String.valueOf(e.getMessage()));
      default -> of(file, e);
    };
  }

  private static SQLiteErrorCode primary(SQLException e) {
    return e instanceof SQLiteException sqlite
        ? SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & PRIMARY)
        : SQLiteErrorCode.UNKNOWN_ERROR;
  }

  static ServingException of(Path file, SQLException e) {
    String message = String.valueOf(e.getMessage());
    return switch (primary(e)) {
      case SQLITE_CORRUPT, SQLITE_NOTADB -> corrupt(file, message);
      case SQLITE_FULL ->
          unavailable(file, "no room; nothing was changed (expected: free space on its disk)", e);
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL ->
          unavailable(file, "in use (expected: no other process that has this state_dir)", e);
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH, SQLITE_IOERR ->
          unavailable(
              file, "nothing was changed: " + message + " (expected: a file to read and write)", e);
      default -> new ServingException(Category.INTERNAL, "state store " + file + ": " + message, e);
    };
  }

  static ServingException of(Path file, IOException e) {
    return unavailable(file, String.valueOf(e), e);
  }

  private static ServingException unavailable(Path file, String what, Exception cause) {
    return new ServingException(Category.UNAVAILABLE, "state store " + file + ": " + what, cause);
  }

  static ServingException corrupt(Path file, String what) {
    return new ServingException(
        Category.DATA_LOSS,
        "state store "
            + file
            + ": corrupt: "
            + what
            + " (expected: a file as Salver wrote it); put a copy of it back, or move it and "
            + file.getFileName()
            + "-wal away to begin with what the configuration file declares");
  }
}
