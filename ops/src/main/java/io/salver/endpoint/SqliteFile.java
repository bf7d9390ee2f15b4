package io.salver.endpoint;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.sqlite.JDBC;

/** Opens a store's file, and refuses what it must not write into. Stateless. */
final class SqliteFile {
  /** The file's name in its directory. */
  static final String NAME = "state.db";

  /** How a file of Salver's is told from other programs' ("Salv"). */
  static final int APPLICATION = 0x53616c76;

  /** Which tables there are; a newer one is refused. */
  static final int SCHEMA = 1;

  private static final System.Logger LOG = System.getLogger(SqliteFile.class.getName());

  /**
   * How a file is opened.
   *
   * @param busyTimeout how long it waits for another process to let go of it
   * @param maxPages how large it may get, in pages of 4 KiB; 0 for no bound but the disk's
   */
  record Options(NativeLibrary library, Duration busyTimeout, long maxPages) {
    static Options of(NativeLibrary library) {
      return new Options(library, Duration.ofSeconds(5), 0);
    }
  }

  private static final List<String> SETTINGS =
      List.of(
          // One process at a time; also keeps the index of the log in memory, beside no file.
          "PRAGMA locking_mode = EXCLUSIVE",
          "PRAGMA journal_mode = WAL",
          "PRAGMA synchronous = FULL",
          "PRAGMA journal_size_limit = 4194304",
          "PRAGMA trusted_schema = OFF",
          "PRAGMA cell_size_check = ON");

  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL,"
              + " checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          "CREATE TABLE endpoint (name TEXT PRIMARY KEY, definition TEXT NOT NULL,"
              + " declaration TEXT NOT NULL, revision INTEGER NOT NULL, updated INTEGER NOT NULL,"
              + " checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          "CREATE TABLE state (endpoint TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,"
              + " checksum INTEGER NOT NULL, PRIMARY KEY (endpoint, kind)) STRICT, WITHOUT ROWID",
          "CREATE TABLE audit (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor TEXT NOT NULL,"
              + " action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL,"
              + " outcome TEXT NOT NULL) STRICT",
          "CREATE TABLE feedback (endpoint TEXT NOT NULL, name TEXT NOT NULL,"
              + " time INTEGER NOT NULL, PRIMARY KEY (endpoint, name)) STRICT, WITHOUT ROWID",
          "CREATE TABLE join_key (endpoint TEXT NOT NULL, name TEXT NOT NULL,"
              + " time INTEGER NOT NULL, prediction TEXT NOT NULL, PRIMARY KEY (endpoint, name))"
              + " STRICT, WITHOUT ROWID",
          "CREATE INDEX feedback_time ON feedback (time)",
          "CREATE INDEX join_key_time ON join_key (time)",
          "PRAGMA application_id = " + APPLICATION,
          "PRAGMA user_version = " + SCHEMA);

  private SqliteFile() {}

  /**
   * Opens a file, and makes it if it is not there.
   *
   * @throws ServingException DATA_LOSS if it is corrupt; FAILED_PRECONDITION if it is another
   *     program's or a newer Salver's; UNAVAILABLE if it cannot be opened now
   */
  static Connection open(Path file, Options options) {
    Connection connection;
    try {
      useLibrary(options.library());
      makeForOwner(file);
      connection = JDBC.createConnection("jdbc:sqlite:" + file, properties(options));
    } catch (SQLException e) {
      throw SqliteProblem.of(file, e);
    } catch (IOException e) {
      throw SqliteProblem.of(file, e);
    }
    try {
      prepare(file, new Sql(connection), options);
      return connection;
    } catch (Sql.Failure e) {
      close(connection);
      throw SqliteProblem.opening(file, e.problem());
    } catch (RuntimeException e) {
      close(connection);
      throw e;
    }
  }

  /** SQLite would let everybody read it; its log gets the permissions of the file. */
  private static void makeForOwner(Path file) throws IOException {
    if (!Files.exists(file)
        && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
  }

  private static Properties properties(Options options) {
    Properties properties = new Properties();
    properties.setProperty("busy_timeout", Long.toString(options.busyTimeout().toMillis()));
    return properties;
  }

  /** The driver takes this from system properties, and only before it loads the library. */
  private static void useLibrary(NativeLibrary library) throws IOException {
    Path directory = library.directory();
    if (directory != null) {
      System.setProperty("org.sqlite.lib.path", directory.toString());
      System.setProperty("org.sqlite.tmpdir", directory.toString());
    }
  }

  private static void prepare(Path file, Sql sql, Options options) {
    SETTINGS.forEach(sql::execute);
    if (options.maxPages() > 0) {
      sql.execute("PRAGMA max_page_count = " + options.maxPages());
    }
    sql.execute("BEGIN IMMEDIATE");
    if (sql.number("SELECT count(*) FROM sqlite_schema") == 0) {
      TABLES.forEach(sql::execute);
    } else {
      check(file, sql);
    }
    sql.execute("COMMIT");
  }

  private static void check(Path file, Sql sql) {
    long application = sql.number("PRAGMA application_id");
    if (application != APPLICATION) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          "state store "
              + file
              + ": application "
              + application
              + " (expected: a file of Salver's, which has "
              + APPLICATION
              + ")");
    }
    long schema = sql.number("PRAGMA user_version");
    if (schema != SCHEMA) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          "state store "
              + file
              + ": schema version "
              + schema
              + " (expected: "
              + SCHEMA
              + "); use the Salver that wrote it, or another state_dir");
    }
    String found =
        sql.first("PRAGMA integrity_check(1)", row -> row.getString(1)).orElse("no answer");
    if (!found.equals("ok")) {
      throw SqliteProblem.corrupt(file, found);
    }
    // Reads everything that has a checksum.
    SqliteTables tables = new SqliteTables(sql);
    tables.endpoints().forEach(endpoint -> tables.states(endpoint.name()));
    var unused = tables.settings("");
  }

  static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.WARNING, "state store: not closed cleanly: {0}", e.getMessage());
    }
  }
}
