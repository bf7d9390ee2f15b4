package io.salver.engine.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
  private static final int LIBRARY_BYTES = 3_000_000;
  private static final long SEED = 20261122;

  @TempDir Path temporary;
  private Path cache;
  private byte[] library;
  private URLClassLoader loader;

  @BeforeEach
  void makeJar() throws IOException {
    cache = temporary.resolve("cache");
    library = new byte[LIBRARY_BYTES];
    new Random(SEED).nextBytes(library);
    loader = loaderOf(jar("a.jar", library));
    System.setProperty(NativeLibraries.CACHE_PROPERTY, cache.toString());
  }

  @AfterEach
  void close() throws IOException {
    System.clearProperty(NativeLibraries.CACHE_PROPERTY);
    loader.close();
  }

  private Path jar(String name, byte[] content) throws IOException {
    Path jar = temporary.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("bundle/here/lib.so"));
      zip.write(content);
      zip.putNextEntry(new ZipEntry("bundle/here/lib2.so"));
      zip.write(7);
    }
    return jar;
  }

  private static URLClassLoader loaderOf(Path jar) throws IOException {
    return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
  }

  private Path unpack() throws IOException {
    return NativeLibraries.unpack(loader, UnpackMain.BUNDLE);
  }

  @Test
  void allFilesLieInOneDirectoryThatOnlyItsOwnerMayWrite() throws IOException {
    Path directory = unpack();
    assertThat(directory.getParent()).isEqualTo(cache);
    assertThat(directory.resolve("lib.so")).hasBinaryContent(library);
    assertThat(directory.resolve("lib2.so")).hasBinaryContent(new byte[] {7});
    assertThat(filesIn(directory)).hasSize(2);
    for (Path path : List.of(directory, directory.resolve("lib.so"))) {
      assertThat(Files.getPosixFilePermissions(path))
          .doesNotContain(PosixFilePermission.OTHERS_WRITE, PosixFilePermission.GROUP_WRITE);
    }
  }

  @Test
  void aSecondStartWritesNothing() throws IOException {
    FileTime longAgo = FileTime.from(Instant.EPOCH);
    Path file = unpack().resolve("lib.so");
    Files.setLastModifiedTime(file, longAgo);
    assertThat(unpack().resolve("lib.so")).isEqualTo(file);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(longAgo);
  }

  @Test
  void aFileCutShortIsReplaced() throws IOException {
    Path file = unpack().resolve("lib.so");
    Files.delete(file);
    Files.write(file, new byte[100]);
    unpack();
    assertThat(file).hasBinaryContent(library);
  }

  @Test
  void aFileThatVanishedComesBack() throws IOException {
    Path file = unpack().resolve("lib2.so");
    Files.delete(file);
    unpack();
    assertThat(file).exists();
  }

  @Test
  void otherContentGetsAnotherDirectory() throws IOException {
    Path first = unpack();
    byte[] other = library.clone();
    other[LIBRARY_BYTES / 2]++;
    try (URLClassLoader second = loaderOf(jar("b.jar", other))) {
      Path directory = NativeLibraries.unpack(second, UnpackMain.BUNDLE);
      assertThat(directory).isNotEqualTo(first);
      assertThat(directory.resolve("lib.so")).hasBinaryContent(other);
    }
  }

  @Test
  void whatAKilledProcessLeftBehindIsRemovedAfterADay() throws IOException {
    Path directory = unpack();
    Path old = Files.write(directory.resolve(".lib.so-1-1.unpacking"), new byte[9]);
    Path young = Files.write(directory.resolve(".lib.so-2-2.unpacking"), new byte[9]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH));
    Files.delete(directory.resolve("lib2.so"));
    unpack();
    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void aPlatformThatTheJarLacksIsNamedBesideThoseItHas() {
    assertThatThrownBy(() -> NativeLibraries.find(loader, UnpackMain.BUNDLE, "plan9-vax"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("test: no native library for plan9-vax")
        .hasMessageContaining("[" + NativeBundle.platform() + "]");
    assertThatThrownBy(() -> NativeLibraries.find(loader, UnpackMain.BUNDLE, "linux-riscv64"))
        .hasMessageContaining("linux-riscv64");
  }

  @Test
  void aCacheThatIsAFileIsAnErrorThatNamesIt() throws IOException {
    Files.write(cache, new byte[1]);
    assertThatThrownBy(this::unpack)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(cache.toString());
  }

  @Test
  void anEntryThatEverybodyMayWriteIsRefused() throws IOException {
    Path directory = unpack();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(this::unpack)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("can be written by everybody");
  }

  @Test
  void aCopyThatEndsEarlyIsAnErrorWithTheSizesAndLeavesNothing() throws IOException {
    NativeResource lying = resourceWithSize(LIBRARY_BYTES + 1L);
    Path directory = Files.createDirectories(cache);
    assertThatThrownBy(() -> new CacheEntry(directory).fill(List.of(lying)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot unpack " + directory.resolve("lib.so"))
        .hasMessageContaining("bytes are free there")
        .hasMessageContaining("(expected: " + (LIBRARY_BYTES + 1));
    assertThat(filesIn(directory)).isEmpty();
  }

  private NativeResource resourceWithSize(long sizeBytes) throws IOException {
    NativeResource real = NativeResource.of(loader, "bundle/here/lib.so");
    return new NativeResource(real.url(), real.path(), sizeBytes, real.checksum());
  }

  @Test
  void twoProcessesThatStartTogetherShareOneWholeEntry() throws Exception {
    for (int round = 0; round < 5; round++) {
      List<Process> processes = List.of(start(Map.of()), start(Map.of()));
      List<Path> directories = directoriesOf(processes);
      Path directory = unpack();
      assertThat(directories).hasSize(2).containsOnly(directory);
      assertThat(directory.resolve("lib.so")).hasBinaryContent(library);
      assertThat(filesIn(directory)).hasSize(2);
      Files.delete(directory.resolve("lib.so"));
      Files.delete(directory.resolve("lib2.so"));
    }
  }

  @Test
  void aHomeThatCannotBeWrittenIsReplacedByATemporaryDirectory() throws Exception {
    Path notADirectory = Files.write(temporary.resolve("home"), new byte[1]);
    Process process = start(Map.of("XDG_CACHE_HOME", notADirectory.toString()));
    Path directory = directoriesOf(List.of(process)).getFirst();
    assertThat(directory.toString()).contains("salver-test-").doesNotContain("home");
  }

  /** Starts {@link UnpackMain}; with an environment, without the system property for the cache. */
  private Process start(Map<String, String> environment) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (environment.isEmpty()) {
      command.add("-D" + NativeLibraries.CACHE_PROPERTY + "=" + cache);
    }
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-cp");
    command.add(
        System.getProperty("java.class.path") + File.pathSeparator + temporary.resolve("a.jar"));
    command.add(UnpackMain.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).start();
  }

  /** Lets all processes go at once, when all are up, and returns what they printed. */
  private static List<Path> directoriesOf(List<Process> processes) throws Exception {
    List<BufferedReader> readers = processes.stream().map(Process::inputReader).toList();
    for (BufferedReader reader : readers) {
      assertThat(reader.readLine()).isEqualTo("up");
    }
    for (Process process : processes) {
      try (OutputStream in = process.getOutputStream()) {
        in.write(1);
      }
    }
    List<Path> directories = new ArrayList<>();
    for (BufferedReader reader : readers) {
      List<String> lines = reader.readAllLines();
      assertThat(lines).isNotEmpty();
      directories.add(Path.of(lines.getLast()));
    }
    for (Process process : processes) {
      assertThat(process.waitFor()).as("exit code, having said %s", directories).isZero();
    }
    return directories;
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
