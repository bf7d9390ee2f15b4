package io.salver.server.oip;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.oip.proto.LogSettingsRequest;
import io.salver.server.oip.proto.LogSettingsResponse;
import io.salver.server.oip.proto.LogSettingsResponse.SettingValue;
import java.lang.System.Logger.Level;
import java.util.Map;

/**
 * The extension for the log's settings. Triton switches each level by itself, a log that has a
 * least level can do so only in order. Thread-safe.
 */
final class LogSettingsService {
  static final String FILE = "log_file";
  static final String INFO = "log_info";
  static final String WARNING = "log_warning";
  static final String ERROR = "log_error";
  static final String VERBOSE = "log_verbose_level";
  static final String FORMAT = "log_format";

  private static final String DEFAULT_FORMAT = "default";

  private final LogControl log;
  private final boolean changeable;

  /**
   * A service.
   *
   * @param changeable whether clients may change anything
   */
  LogSettingsService(LogControl log, boolean changeable) {
    this.log = log;
    this.changeable = changeable;
  }

  /** The levels that are logged. */
  private record Levels(boolean info, boolean warning, boolean error, int verbose) {
    static Levels of(Level least) {
      int severity = least.getSeverity();
      return new Levels(
          severity <= Level.INFO.getSeverity(),
          severity <= Level.WARNING.getSeverity(),
          severity <= Level.ERROR.getSeverity(),
          severity <= Level.TRACE.getSeverity()
              ? 2
              : severity <= Level.DEBUG.getSeverity() ? 1 : 0);
    }

    Level least() {
      requireOrder(VERBOSE + ": " + verbose, verbose > 0, INFO, info);
      requireOrder(INFO + ": true", info, WARNING, warning);
      requireOrder(WARNING + ": true", warning, ERROR, error);
      if (verbose > 0) {
        return verbose > 1 ? Level.TRACE : Level.DEBUG;
      }
      if (info) {
        return Level.INFO;
      }
      return warning ? Level.WARNING : error ? Level.ERROR : Level.OFF;
    }

    private static void requireOrder(String what, boolean lower, String above, boolean higher) {
      if (lower && !higher) {
        throw ServingException.invalid(
            what + " beside " + above + ": false (expected: " + above + ": true as well)");
      }
    }
  }

  /**
   * Changes what the request has, and says what holds then.
   *
   * @throws ServingException if a change is not allowed or not possible, and nothing has changed
   */
  synchronized LogSettingsResponse settings(LogSettingsRequest request) {
    if (request.getSettingsCount() > 0) {
      if (!changeable) {
        throw new ServingException(
            Category.PERMISSION_DENIED,
            "log settings: "
                + request.getSettingsCount()
                + " changes (expected: none, as the"
                + " server does not let clients change them)");
      }
      Levels levels = Levels.of(log.level());
      for (var setting : request.getSettingsMap().entrySet()) {
        levels = change(levels, setting);
      }
      log.setLevel(levels.least());
    }
    return response(Levels.of(log.level()));
  }

  private static Levels change(
      Levels levels, Map.Entry<String, LogSettingsRequest.SettingValue> setting) {
    LogSettingsRequest.SettingValue value = setting.getValue();
    return switch (setting.getKey()) {
      case INFO -> new Levels(bool(INFO, value), levels.warning, levels.error, levels.verbose);
      case WARNING -> new Levels(levels.info, bool(WARNING, value), levels.error, levels.verbose);
      case ERROR -> new Levels(levels.info, levels.warning, bool(ERROR, value), levels.verbose);
      case VERBOSE -> {
        if (!value.hasUint32Param()) {
          throw wrong(VERBOSE, value, "an unsigned number");
        }
        int level = (int) Math.min(2, Integer.toUnsignedLong(value.getUint32Param()));
        yield new Levels(levels.info, levels.warning, levels.error, level);
      }
      case FILE ->
          throw new ServingException(
              Category.UNIMPLEMENTED,
              "log file location can not be updated through network protocol");
      case FORMAT -> {
        if (!value.getStringParam().equals(DEFAULT_FORMAT)) {
          throw wrong(FORMAT, value, DEFAULT_FORMAT + ", as the format is set at start");
        }
        yield levels;
      }
      default ->
          throw ServingException.invalid(
              "log setting: \""
                  + setting.getKey()
                  + "\" (expected: one of "
                  + INFO
                  + ", "
                  + WARNING
                  + ", "
                  + ERROR
                  + ", "
                  + VERBOSE
                  + ", "
                  + FORMAT
                  + ")");
    };
  }

  private static boolean bool(String name, LogSettingsRequest.SettingValue value) {
    if (!value.hasBoolParam()) {
      throw wrong(name, value, "true or false");
    }
    return value.getBoolParam();
  }

  private static ServingException wrong(
      String name, LogSettingsRequest.SettingValue value, String expected) {
    Object given =
        switch (value.getParameterChoiceCase()) {
          case BOOL_PARAM -> value.getBoolParam();
          case UINT32_PARAM -> Integer.toUnsignedString(value.getUint32Param());
          case STRING_PARAM -> "\"" + value.getStringParam() + "\"";
          case PARAMETERCHOICE_NOT_SET -> "nothing";
        };
    return ServingException.invalid(name + ": " + given + " (expected: " + expected + ")");
  }

  private static LogSettingsResponse response(Levels levels) {
    return LogSettingsResponse.newBuilder()
        .putSettings(FILE, SettingValue.newBuilder().setStringParam("").build())
        .putSettings(INFO, SettingValue.newBuilder().setBoolParam(levels.info).build())
        .putSettings(WARNING, SettingValue.newBuilder().setBoolParam(levels.warning).build())
        .putSettings(ERROR, SettingValue.newBuilder().setBoolParam(levels.error).build())
        .putSettings(VERBOSE, SettingValue.newBuilder().setUint32Param(levels.verbose).build())
        .putSettings(FORMAT, SettingValue.newBuilder().setStringParam(DEFAULT_FORMAT).build())
        .build();
  }
}
