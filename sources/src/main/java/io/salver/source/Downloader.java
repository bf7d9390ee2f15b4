package io.salver.source;

import io.salver.source.ModelStore.Body;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Brings versions into the cache. What has come stays when a download breaks off, also over a
 * restart, and the next one goes on behind it if the store still has the same content by its tag. A
 * version is put among the whole ones only when every file has its size and its digest.
 * Thread-safe; blocks.
 */
final class Downloader {
  private static final int CHUNK_BYTES = 1 << 17;
  private static final long SYNC_BYTES = 64 << 20;

  /** Breaks without a byte between them after which the next try is left to another time. */
  private static final int TRIES = 3;

  private final Cache cache;
  private final long maxVersionBytes;
  private final Duration stallLimit;
  private final Semaphore permits;

  /**
   * A downloader that does nothing yet.
   *
   * @param downloads how many versions come side by side; others wait
   * @param stallLimit for how long nothing may come before a connection is given up
   */
  Downloader(Cache cache, long maxVersionBytes, int downloads, Duration stallLimit) {
    this.cache = cache;
    this.maxVersionBytes = maxVersionBytes;
    this.permits = new Semaphore(downloads, true);
    this.stallLimit = stallLimit;
  }

  /**
   * Has a version in the cache.
   *
   * @param leastBytes what it is known to have at the least: without room for that, nothing comes
   * @return its directory
   * @throws StoreException.Changed if it is not what was listed any more
   */
  Path fetch(ModelStore store, URI base, StoredVersion version, ModelCache into, long leastBytes)
      throws StoreException, InterruptedException {
    Optional<Path> there = into.find(version);
    if (there.isPresent()) {
      return there.get();
    }
    permits.acquire();
    try (Quota.Claim claim = cache.claim(into, version)) {
      new Transfer(store, base, version, into, claim).run(leastBytes);
      return into.commit(version);
    } catch (StoreException.Changed | StoreException.NoRoom e) {
      // What is half here is of no use any more, or would only keep the disk full.
      discard(into, version, e);
      throw e;
    } catch (StoreException e) {
      throw e;
    } catch (ClosedByInterruptException e) {
      boolean unused = Thread.interrupted();
      throw new InterruptedException("stopped");
    } catch (IOException e) {
      discard(into, version, e);
      throw new StoreException.NoRoom(
          "stores.cache: writing in " + into.root() + " failed: " + e, leastBytes, e);
    } finally {
      permits.release();
    }
  }

  private static void discard(ModelCache into, StoredVersion version, Exception cause) {
    try {
      into.discard(version);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** One download of one version. */
  private final class Transfer {
    private final ModelStore store;
    private final URI base;
    private final StoredVersion version;
    private final ModelCache into;
    private final Quota.Claim claim;
    private long versionBytes;
    private long leastBytes;

    Transfer(
        ModelStore store, URI base, StoredVersion version, ModelCache into, Quota.Claim claim) {
      this.store = store;
      this.base = base;
      this.version = version;
      this.into = into;
      this.claim = claim;
    }

    void run(long knownBytes) throws IOException, InterruptedException {
      try {
        has(knownBytes);
        bring();
      } catch (StoreException.NoRoom e) {
        throw new StoreException.NoRoom(String.valueOf(e.getMessage()), leastBytes, e);
      }
    }

    private void bring() throws IOException, InterruptedException {
      List<StoredFile> files = new ArrayList<>();
      long missingBytes = 0;
      long hereBytes = 0;
      for (StoredFile file : version.files()) {
        Optional<Progress> progress = Progress.read(into.progressFile(version, file));
        if (progress.isPresent() && isDone(file, progress.get())) {
          count(progress.get().bytes());
          hereBytes += progress.get().bytes();
        } else {
          StoredFile examined = store.examine(base, version, file);
          count(Math.max(0, examined.sizeBytes()));
          long here = progress.map(Progress::bytes).orElse(0L);
          hereBytes += here;
          missingBytes += Math.max(0, examined.sizeBytes() - here);
          files.add(examined);
        }
      }
      claim.cover(Math.max(missingBytes, leastBytes - hereBytes));
      for (StoredFile file : files) {
        fetch(file);
      }
    }

    private boolean isDone(StoredFile file, Progress progress) throws IOException {
      Path path = into.partialFile(version, file);
      return progress.done() && Files.exists(path) && Files.size(path) == progress.bytes();
    }

    private void count(long bytes) throws StoreException {
      versionBytes = bytes > Long.MAX_VALUE - versionBytes ? Long.MAX_VALUE : versionBytes + bytes;
      has(versionBytes);
    }

    /** Takes note of what the version has at the least, and refuses it if that is too much. */
    private void has(long bytes) throws StoreException {
      leastBytes = Math.max(leastBytes, bytes);
      if (bytes > maxVersionBytes) {
        throw new StoreException.NoRoom(
            base
                + "/"
                + version.directory()
                + ": the version has more than "
                + Sizes.shown(maxVersionBytes)
                + " (expected: at most stores.max_version_size)");
      }
    }

    private String place(StoredFile file) {
      return base + "/" + version.directory() + "/" + StoredPaths.shown(file.path());
    }

    private void fetch(StoredFile file) throws IOException, InterruptedException {
      Path path = into.partialFile(version, file);
      Path progressPath = into.progressFile(version, file);
      try (FileChannel channel = open(path)) {
        Progress progress = Progress.read(progressPath).orElse(new Progress(false, 0, -1, ""));
        int failures = 0;
        while (true) {
          long before = progress.bytes();
          try {
            progress = receive(file, channel, progressPath, progress);
            break;
          } catch (Broken e) {
            progress = e.progress;
            failures = progress.bytes() > before ? 0 : failures + 1;
            if (failures >= TRIES) {
              throw new StoreException(place(file) + ": " + e.getMessage(), e);
            }
          }
        }
        verify(file, path, progressPath, progress);
      }
    }

    private FileChannel open(Path path) throws IOException {
      return FileChannel.open(
          path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Reads what is missing of a file, to its end. */
    private Progress receive(
        StoredFile file, FileChannel channel, Path progressPath, Progress before)
        throws IOException, InterruptedException {
      String expectedTag = file.tag();
      boolean goesOn =
          before.bytes() > 0
              && channel.size() >= before.bytes()
              && !before.tag().isEmpty()
              && (expectedTag == null || expectedTag.equals(before.tag()));
      long from = goesOn ? before.bytes() : 0;
      long totalBytes = file.sizeBytes() >= 0 ? file.sizeBytes() : before.totalBytes();
      if (goesOn && from == totalBytes) {
        return before;
      }
      @Nullable String tag = goesOn ? before.tag() : expectedTag;
      try (Body body = store.open(base, version, file, from, tag)) {
        checkSize(file, body);
        channel.truncate(body.offset()).position(body.offset());
        String known = body.tag() == null ? "" : body.tag();
        return copy(file, body, channel, new Sink(channel, progressPath, known, size(file, body)));
      }
    }

    private void checkSize(StoredFile file, Body body) throws StoreException {
      if (file.sizeBytes() >= 0) {
        if (body.sizeBytes() >= 0 && body.sizeBytes() != file.sizeBytes()) {
          throw new StoreException.Changed(
              place(file)
                  + ": "
                  + body.sizeBytes()
                  + " bytes (expected: "
                  + file.sizeBytes()
                  + ")");
        }
      } else if (body.sizeBytes() >= 0) {
        has(versionBytes + body.sizeBytes());
        claim.cover(body.sizeBytes() - body.offset());
      }
    }

    /** The size of a whole file; below 0 if neither the list nor the answer says it. */
    private static long size(StoredFile file, Body body) {
      return file.sizeBytes() >= 0 ? file.sizeBytes() : body.sizeBytes();
    }

    private Progress copy(StoredFile file, Body body, FileChannel channel, Sink sink)
        throws IOException, InterruptedException {
      long expected = size(file, body);
      byte[] chunk = new byte[CHUNK_BYTES];
      try (StallGuard guard = new StallGuard(body.bytes(), stallLimit)) {
        InputStream bytes = body.bytes();
        while (true) {
          int read = read(bytes, chunk, guard, sink);
          guard.alive();
          if (read < 0) {
            break;
          }
          long position = channel.position() + read;
          if (expected < 0) {
            has(versionBytes + position);
          } else if (position > expected) {
            throw new StoreException.Changed(
                place(file) + ": more than " + expected + " bytes (expected: as many)");
          }
          claim.take(read);
          sink.write(chunk, read);
        }
      }
      if (expected >= 0 && channel.position() < expected) {
        throw new Broken(
            "ended after " + channel.position() + " bytes (expected: " + expected + ")",
            sink.sync(),
            null);
      }
      return sink.end();
    }

    private int read(InputStream bytes, byte[] chunk, StallGuard guard, Sink sink)
        throws IOException, InterruptedException {
      try {
        return bytes.read(chunk);
      } catch (IOException e) {
        if (Thread.interrupted()) {
          Progress unused = sink.sync();
          throw new InterruptedException("stopped");
        }
        String reason =
            guard.isStalled()
                ? "nothing came for " + stallLimit.toMillis() + " ms"
                : "broke off: " + Causes.of(e);
        throw new Broken(reason, sink.sync(), e);
      }
    }

    private void verify(StoredFile file, Path path, Path progressPath, Progress progress)
        throws IOException {
      if (file.digest().isPresent()) {
        Digest expected = file.digest().get();
        Digest actual = Digest.of(expected.kind(), path);
        if (!actual.equals(expected)) {
          Files.deleteIfExists(progressPath);
          throw new StoreException.Mismatch(
              place(file) + ": " + actual + " (expected: " + expected.hex() + ")");
        }
      }
      if (file.sizeBytes() < 0) {
        count(progress.bytes());
      }
      new Progress(true, progress.bytes(), progress.bytes(), progress.tag()).write(progressPath);
    }
  }

  /** Where bytes go, and where it is written down how many have come. */
  private static final class Sink {
    private final FileChannel channel;
    private final Path progressPath;
    private final String tag;
    private final long totalBytes;
    private long unsyncedBytes;

    Sink(FileChannel channel, Path progressPath, String tag, long totalBytes) {
      this.channel = channel;
      this.progressPath = progressPath;
      this.tag = tag;
      this.totalBytes = totalBytes;
    }

    void write(byte[] bytes, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
      while (buffer.hasRemaining()) {
        unsyncedBytes += channel.write(buffer);
      }
      if (unsyncedBytes >= SYNC_BYTES) {
        Progress unused = sync();
      }
    }

    Progress sync() throws IOException {
      return sync(totalBytes);
    }

    /** Nothing more will come: it is whole. */
    Progress end() throws IOException {
      return sync(channel.position());
    }

    private Progress sync(long wholeBytes) throws IOException {
      channel.force(false);
      unsyncedBytes = 0;
      Progress progress = new Progress(false, channel.position(), wholeBytes, tag);
      progress.write(progressPath);
      return progress;
    }
  }

  /** A connection that ended before the file did. */
  private static final class Broken extends IOException {
    private final transient Progress progress;

    Broken(String message, Progress progress, @Nullable IOException cause) {
      super(message, cause);
      this.progress = progress;
    }
  }
}
