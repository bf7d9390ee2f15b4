package io.salver.source;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.testkit.FakeClock;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** A model in a store with all that it needs; {@link #restart} is a new process on its cache. */
final class StoreRig implements AutoCloseable {
  static final Duration POLL = Duration.ofSeconds(10);
  static final Duration QUIET = Duration.ofSeconds(30);

  final FakeClock clock = new FakeClock();
  final RecordingSink sink = new RecordingSink();
  final Set<Path> inUse = new HashSet<>();
  private final URI base;
  private final Path directory;
  private final S3Options s3;
  private long cacheBytes = Long.MAX_VALUE;
  private long maxVersionBytes = 1 << 20;
  private ToLongFunction<Path> usableBytes = _ -> Long.MAX_VALUE;
  private Duration stallLimit = Duration.ofMinutes(1);
  private VersionPolicy policy = VersionPolicy.LATEST;
  private Stores stores;
  private Cache cache;
  private StoredModel model;

  StoreRig(URI base, Path directory) {
    this(base, directory, S3Options.DEFAULT);
  }

  StoreRig(URI base, Path directory, S3Options s3) {
    this.base = base;
    this.directory = directory;
    this.s3 = s3;
    open();
  }

  private void open() {
    StoreOptions options =
        new StoreOptions(
            directory, cacheBytes, POLL, QUIET, maxVersionBytes, 2, s3, HttpOptions.DEFAULT);
    stores = new Stores(options);
    cache = new Cache(directory, cacheBytes, path -> usableBytes.applyAsLong(path));
    StoredModel.Context context =
        new StoredModel.Context(
            stores,
            cache,
            new Downloader(cache, maxVersionBytes, 2, stallLimit),
            POLL,
            QUIET,
            clock,
            clock::nanoTime);
    model = new StoredModel(context, base, cache.of(config()));
  }

  ModelConfig config() {
    return new ModelConfig("m", new BasePath.Remote(base), "", policy, Map.of(), false, false);
  }

  /** Another process. */
  void restart() {
    close();
    open();
  }

  StoreRig policy(VersionPolicy other) {
    policy = other;
    return this;
  }

  void cacheBytes(long bytes) {
    cacheBytes = bytes;
    restart();
  }

  void maxVersionBytes(long bytes) {
    maxVersionBytes = bytes;
    restart();
  }

  /** Where what has come of an unfinished version lies, by the end of its path. */
  Path partial(String end) throws java.io.IOException {
    return cached().stream()
        .filter(file -> file.contains("/partial/") && file.endsWith(end))
        .map(this.directory::resolve)
        .findFirst()
        .orElseThrow();
  }

  void usableBytes(long bytes) {
    usableBytes = _ -> bytes;
  }

  void stallLimit(Duration limit) {
    stallLimit = limit;
    restart();
  }

  /** One look; what was said in it. */
  java.util.List<String> look() throws InterruptedException {
    pause = model.look(config(), sink, inUse::contains);
    return sink.take();
  }

  private Optional<Duration> pause = Optional.empty();

  /** The pause after the last look. */
  Duration pause() {
    return pause.orElseThrow();
  }

  boolean isSettled() {
    return model.isSettled();
  }

  boolean leave() throws java.io.IOException {
    return model.leave(inUse::contains);
  }

  /** Everything in the cache but its lock, by path. */
  java.util.List<String> cached() throws java.io.IOException {
    try (var files = java.nio.file.Files.walk(directory)) {
      return files
          .filter(java.nio.file.Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .filter(file -> !file.endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  @Override
  public void close() {
    stores.close();
    cache.close();
  }
}
