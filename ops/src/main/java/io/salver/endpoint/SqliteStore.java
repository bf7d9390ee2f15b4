package io.salver.endpoint;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store in one file of SQLite's. A write that has returned outlives a kill, and a loss of power
 * as far as the disk keeps what it has said to have; of one that was cut off nothing is left.
 *
 * <p>The file belongs to one process at a time. It is opened when it is first needed, and made by
 * the first write: until then, what is read is empty. After a failure of the file it is opened anew
 * by the next use.
 */
public final class SqliteStore implements ControlStore {
  private final Path file;
  private final SqliteFile.Options options;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Connection connection;
  private boolean closed;

  /**
   * A store.
   *
   * @param directory where its file is or shall be; made if it is not there
   * @throws ServingException UNAVAILABLE if that cannot be written
   */
  public SqliteStore(Path directory, NativeLibrary library) {
    this(directory.resolve(SqliteFile.NAME), SqliteFile.Options.of(library));
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw SqliteProblem.of(directory, e);
    }
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new ServingException(
          Category.UNAVAILABLE,
          "state directory " + directory + ": not writable (expected: a directory to write in)");
    }
  }

  SqliteStore(Path file, SqliteFile.Options options) {
    this.file = file;
    this.options = options;
  }

  @Override
  public <T> T read(Function<View, T> work) {
    lock.lock();
    try {
      if (connection == null && !closed && !Files.exists(file)) {
        return new MemoryStore().read(work);
      }
      return run("BEGIN", work::apply);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public <T> T write(Function<Transaction, T> work) {
    lock.lock();
    try {
      return run("BEGIN IMMEDIATE", work::apply);
    } finally {
      lock.unlock();
    }
  }

  private <T> T run(String begin, Function<SqliteTables, T> work) {
    SqliteTables tables = new SqliteTables(new Sql(opened()));
    try {
      tables.sql().execute(begin);
      T result = work.apply(tables);
      tables.sql().execute("COMMIT");
      return result;
    } catch (Sql.Failure e) {
      disconnect();
      throw SqliteProblem.of(file, e.problem());
    } catch (RuntimeException | Error e) {
      rollBack(tables.sql());
      throw e;
    }
  }

  private void rollBack(Sql sql) {
    try {
      sql.execute("ROLLBACK");
    } catch (Sql.Failure e) {
      // Closing rolls back as well.
      disconnect();
    }
  }

  private Connection opened() {
    if (closed) {
      throw new ServingException(
          Category.UNAVAILABLE, "state store " + file + ": closed (expected: open)");
    }
    Connection current = connection;
    if (current == null) {
      current = SqliteFile.open(file, options);
      connection = current;
    }
    return current;
  }

  private void disconnect() {
    Connection current = connection;
    connection = null;
    if (current != null) {
      SqliteFile.close(current);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      disconnect();
    } finally {
      lock.unlock();
    }
  }
}
