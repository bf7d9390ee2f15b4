package io.salver.endpoint;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A transaction on a store's tables.
 *
 * <p>What decides where requests go carries a checksum, because SQLite has none: it would not see a
 * byte of a value that has changed on the disk.
 */
record SqliteTables(Sql sql) implements ControlStore.Transaction {
  private static final String REVISION = "revision";

  @Override
  public List<StoredEndpoint> endpoints() {
    return sql.query("SELECT * FROM endpoint ORDER BY name", SqliteTables::endpoint);
  }

  @Override
  public Optional<StoredEndpoint> endpoint(String name) {
    return sql.first("SELECT * FROM endpoint WHERE name = ?", SqliteTables::endpoint, name);
  }

  private static StoredEndpoint endpoint(ResultSet row) throws SQLException {
    StoredEndpoint endpoint =
        new StoredEndpoint(
            row.getString("name"),
            row.getString("definition"),
            row.getString("declaration"),
            row.getLong("revision"),
            Instant.ofEpochMilli(row.getLong("updated")));
    check(row, checksum(endpoint), "endpoint " + endpoint.name());
    return endpoint;
  }

  private static long checksum(StoredEndpoint endpoint) {
    return checksum(
        endpoint.name(),
        endpoint.definition(),
        endpoint.declaration(),
        Long.toString(endpoint.revision()),
        Long.toString(endpoint.updated().toEpochMilli()));
  }

  private static long checksum(String... values) {
    CRC32C sum = new CRC32C();
    for (String value : values) {
      sum.update(value.getBytes(StandardCharsets.UTF_8));
      sum.update(0);
    }
    return sum.getValue();
  }

  private static void check(ResultSet row, long expected, String what) throws SQLException {
    long found = row.getLong("checksum");
    if (found != expected) {
      throw new SQLiteException(
          "checksum of " + what + ": " + found + " (expected: " + expected + ")",
          SQLiteErrorCode.SQLITE_CORRUPT);
    }
  }

  @Override
  public Map<String, String> states(String endpoint) {
    Map<String, String> states = new HashMap<>();
    sql.query(
            "SELECT kind, value, checksum FROM state WHERE endpoint = ?",
            row -> {
              String kind = row.getString("kind");
              String value = row.getString("value");
              check(row, checksum(endpoint, kind, value), kind + " of endpoint " + endpoint);
              return Map.entry(kind, value);
            },
            endpoint)
        .forEach(state -> states.put(state.getKey(), state.getValue()));
    return states;
  }

  @Override
  public long revision() {
    return sql.number("SELECT value FROM counter WHERE name = ?", REVISION);
  }

  @Override
  public Optional<String> setting(String name) {
    return sql.first("SELECT * FROM setting WHERE name = ?", SqliteTables::setting, name)
        .map(Map.Entry::getValue);
  }

  @Override
  public Map<String, String> settings(String prefix) {
    Map<String, String> settings = new HashMap<>();
    sql.query(
            "SELECT * FROM setting WHERE substr(name, 1, length(?)) = ?",
            SqliteTables::setting,
            prefix,
            prefix)
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
    return settings;
  }

  private static Map.Entry<String, String> setting(ResultSet row) throws SQLException {
    String name = row.getString("name");
    String value = row.getString("value");
    check(row, checksum(name, value), name);
    return Map.entry(name, value);
  }

  @Override
  public List<AuditEntry> audit(int limit, long before) {
    return sql.query(
        "SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
        row ->
            new AuditEntry(
                row.getLong("id"),
                Instant.ofEpochMilli(row.getLong("time")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("target"),
                row.getString("detail"),
                row.getString("outcome")),
        before,
        limit);
  }

  @Override
  public boolean hasFeedback(String endpoint, String predictionId) {
    return sql.number(
            "SELECT count(*) FROM feedback WHERE endpoint = ? AND name = ?", endpoint, predictionId)
        > 0;
  }

  @Override
  public Optional<String> predictionOf(String endpoint, String joinKey) {
    return sql.first(
        "SELECT prediction FROM join_key WHERE endpoint = ? AND name = ?",
        row -> row.getString(1),
        endpoint,
        joinKey);
  }

  @Override
  public void put(StoredEndpoint endpoint) {
    sql.update(
        "INSERT OR REPLACE INTO endpoint VALUES (?, ?, ?, ?, ?, ?)",
        endpoint.name(),
        endpoint.definition(),
        endpoint.declaration(),
        endpoint.revision(),
        endpoint.updated().toEpochMilli(),
        checksum(endpoint));
    sql.update(
        "INSERT INTO counter VALUES (?, ?)"
            + " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        REVISION,
        endpoint.revision());
  }

  @Override
  public void delete(String endpoint) {
    sql.update("DELETE FROM endpoint WHERE name = ?", endpoint);
    sql.update("DELETE FROM state WHERE endpoint = ?", endpoint);
  }

  @Override
  public void putState(String endpoint, String kind, String value) {
    sql.update(
        "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)",
        endpoint,
        kind,
        value,
        checksum(endpoint, kind, value));
  }

  @Override
  public void deleteState(String endpoint, String kind) {
    sql.update("DELETE FROM state WHERE endpoint = ? AND kind = ?", endpoint, kind);
  }

  @Override
  public void putSetting(String name, String value) {
    sql.update(
        "INSERT OR REPLACE INTO setting VALUES (?, ?, ?)", name, value, checksum(name, value));
  }

  @Override
  public void deleteSetting(String name) {
    sql.update("DELETE FROM setting WHERE name = ?", name);
  }

  @Override
  public long audit(AuditEntry entry) {
    long id = sql.number("SELECT max(id) FROM audit") + 1;
    sql.update(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
        id,
        entry.time().toEpochMilli(),
        entry.actor(),
        entry.action(),
        entry.target(),
        entry.detail(),
        entry.outcome());
    sql.update("DELETE FROM audit WHERE id <= ?", id - ControlStore.MAX_AUDIT_ENTRIES);
    return id;
  }

  @Override
  public boolean addFeedback(String endpoint, String predictionId, Instant time) {
    return sql.update(
            "INSERT OR IGNORE INTO feedback VALUES (?, ?, ?)",
            endpoint,
            predictionId,
            time.toEpochMilli())
        == 1;
  }

  @Override
  public void putJoinKey(String endpoint, String joinKey, String predictionId, Instant time) {
    sql.update(
        "INSERT OR REPLACE INTO join_key VALUES (?, ?, ?, ?)",
        endpoint,
        joinKey,
        time.toEpochMilli(),
        predictionId);
  }

  @Override
  public void forgetFeedback(Instant before, int most) {
    for (String table : List.of("feedback", "join_key")) {
      sql.update("DELETE FROM " + table + " WHERE time < ?", before.toEpochMilli());
      long surplus = sql.number("SELECT count(*) FROM " + table) - most;
      if (surplus > 0) {
        sql.update(
            "DELETE FROM "
                + table
                + " WHERE (endpoint, name) IN (SELECT endpoint, name FROM "
                + table
                + " ORDER BY time, endpoint, name LIMIT ?)",
            surplus);
      }
    }
  }
}
