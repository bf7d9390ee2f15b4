package io.salver.server.oip;

import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.server.inference.PercentDecoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a path of the REST API stands for.
 *
 * <p>These are the paths that Triton matches, and {@code /v2/}, which the protocol's own definition
 * has. A path has to match as a whole: no trailing slash, no empty names.
 */
sealed interface OipRoute {
  /** Whether the route is asked by this method. */
  default boolean allows(String method) {
    return isGet(method);
  }

  private static boolean isGet(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  /** What the server is. */
  record ServerMetadata() implements OipRoute {}

  /** Whether the server runs. */
  record ServerLive() implements OipRoute {}

  /** Whether the server can be given requests. */
  record ServerReady() implements OipRoute {}

  /** What a version takes and gives. */
  record ModelMetadata(String model, VersionSelector selector) implements OipRoute {}

  /** Whether a version can be given requests. */
  record ModelReady(String model, VersionSelector selector) implements OipRoute {}

  /** A prediction. */
  record ModelInfer(String model, VersionSelector selector) implements OipRoute {
    @Override
    public boolean allows(String method) {
      return method.equals("POST");
    }
  }

  /** What Triton's extension for generative models would answer. */
  record Generate(String model, VersionSelector selector) implements OipRoute {
    @Override
    public boolean allows(String method) {
      return method.equals("POST");
    }
  }

  /** What {@link OipControl} answers. */
  sealed interface Control extends OipRoute {}

  /** A version's configuration. */
  record ModelConfig(String model, VersionSelector selector) implements Control {}

  /**
   * What was counted.
   *
   * @param model null for all models
   */
  record Statistics(@Nullable String model, VersionSelector selector) implements Control {}

  /**
   * Which models there are.
   *
   * @param repository null if the path names none
   */
  record RepositoryIndex(@Nullable String repository) implements Control {
    @Override
    public boolean allows(String method) {
      return method.equals("POST");
    }
  }

  /**
   * That a model be loaded or unloaded.
   *
   * @param repository null if the path names none
   * @param load whether to load, not to unload
   */
  record RepositoryModel(@Nullable String repository, String model, boolean load)
      implements Control {
    @Override
    public boolean allows(String method) {
      return method.equals("POST");
    }
  }

  /**
   * What concerns shared memory.
   *
   * @param cuda whether it is that of a GPU
   * @param region null if the path names none
   */
  record SharedMemory(boolean cuda, @Nullable String region, Action action) implements Control {
    /** What is to be done. */
    enum Action {
      STATUS,
      REGISTER,
      UNREGISTER
    }

    @Override
    public boolean allows(String method) {
      return action == Action.STATUS ? isGet(method) : method.equals("POST");
    }
  }

  /**
   * The settings of traces.
   *
   * @param model null for the server's
   */
  record TraceSetting(@Nullable String model) implements Control {
    @Override
    public boolean allows(String method) {
      return isGet(method) || method.equals("POST");
    }
  }

  /** The settings of the log. */
  record Logging() implements Control {
    @Override
    public boolean allows(String method) {
      return isGet(method) || method.equals("POST");
    }
  }

  /**
   * The route of a path, or null if there is none.
   *
   * @param path not percent-decoded
   * @throws ServingException if it names a version that is not a number of 63 bits
   */
  static @Nullable OipRoute of(String path) {
    if (path.equals("/v2") || path.equals("/v2/")) {
      return new ServerMetadata();
    }
    if (!path.startsWith("/v2/")) {
      return null;
    }
    String[] parts = path.substring("/v2/".length()).split("/", -1);
    return switch (parts[0]) {
      case "health" -> health(parts);
      case "models" -> models(parts);
      case "repository" -> repository(parts);
      case "systemsharedmemory" -> sharedMemory(false, parts);
      case "cudasharedmemory" -> sharedMemory(true, parts);
      case "trace" -> isPath(parts, "trace", "setting") ? new TraceSetting(null) : null;
      case "logging" -> parts.length == 1 ? new Logging() : null;
      default -> null;
    };
  }

  private static boolean isPath(String[] parts, String... expected) {
    return Arrays.equals(parts, expected);
  }

  private static @Nullable OipRoute health(String[] parts) {
    if (isPath(parts, "health", "live")) {
      return new ServerLive();
    }
    return isPath(parts, "health", "ready") ? new ServerReady() : null;
  }

  private static @Nullable OipRoute models(String[] parts) {
    if (isPath(parts, "models", "stats")) {
      return new Statistics(null, VersionSelector.LATEST);
    }
    if (parts.length < 2 || parts[1].isEmpty()) {
      return null;
    }
    boolean versioned = parts.length >= 4 && parts[2].equals("versions") && isNumber(parts[3]);
    VersionSelector selector = versioned ? version(parts[3]) : VersionSelector.LATEST;
    int from = versioned ? 4 : 2;
    String action = String.join("/", Arrays.asList(parts).subList(from, parts.length));
    return model(
        PercentDecoder.decode(parts[1], true), selector, parts.length > from ? action : null);
  }

  private static @Nullable OipRoute model(
      String model, VersionSelector selector, @Nullable String action) {
    return switch (action) {
      case null -> new ModelMetadata(model, selector);
      case "infer" -> new ModelInfer(model, selector);
      case "generate", "generate_stream" -> new Generate(model, selector);
      case "ready" -> new ModelReady(model, selector);
      case "config" -> new ModelConfig(model, selector);
      case "stats" -> new Statistics(model, selector);
      case "trace/setting" -> new TraceSetting(model);
      default -> null;
    };
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static VersionSelector version(String digits) {
    return ModelVersions.selector(digits);
  }

  private static @Nullable OipRoute repository(String[] parts) {
    if (isPath(parts, "repository", "index")) {
      return new RepositoryIndex(null);
    }
    if (parts.length == 3 && parts[2].equals("index") && !parts[1].isEmpty()) {
      return new RepositoryIndex(PercentDecoder.decode(parts[1], true));
    }
    boolean named = parts.length == 5;
    int at = named ? 2 : 1;
    if (parts.length != at + 3 || !parts[at].equals("models") || parts[at + 1].isEmpty()) {
      return null;
    }
    if (named && parts[1].isEmpty()) {
      return null;
    }
    String repository = named ? PercentDecoder.decode(parts[1], true) : null;
    String model = PercentDecoder.decode(parts[at + 1], true);
    return switch (parts[at + 2]) {
      case "load" -> new RepositoryModel(repository, model, true);
      case "unload" -> new RepositoryModel(repository, model, false);
      default -> null;
    };
  }

  private static @Nullable OipRoute sharedMemory(boolean cuda, String[] parts) {
    boolean named = parts.length == 4 && parts[1].equals("region") && !parts[2].isEmpty();
    if (!named && parts.length != 2) {
      return null;
    }
    String region = named ? PercentDecoder.decode(parts[2], true) : null;
    return switch (parts[parts.length - 1]) {
      case "status" -> new SharedMemory(cuda, region, SharedMemory.Action.STATUS);
      case "register" -> new SharedMemory(cuda, region, SharedMemory.Action.REGISTER);
      case "unregister" -> new SharedMemory(cuda, region, SharedMemory.Action.UNREGISTER);
      default -> null;
    };
  }

  /**
   * Routes that were found before, because a server sees the same few paths again and again.
   * Thread-safe: a race loses at most an entry.
   */
  final class Cache {
    private static final int SLOTS = 256;
    private static final int MAX_REMEMBERED_LENGTH = 512;

    private record Entry(String path, OipRoute route) {}

    private final @Nullable Entry[] slots = new Entry[SLOTS];

    /** As {@link OipRoute#of}. */
    @Nullable OipRoute of(String path) {
      int hash = path.hashCode();
      int slot = (hash ^ hash >>> 16) & SLOTS - 1;
      Entry entry = slots[slot];
      if (entry != null && entry.path.equals(path)) {
        return entry.route;
      }
      OipRoute route = OipRoute.of(path);
      if (route != null && path.length() <= MAX_REMEMBERED_LENGTH) {
        slots[slot] = new Entry(path, route);
      }
      return route;
    }
  }
}
