package io.salver.server.sharedmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharedMemoryRegionsTest {
  private static final int OBJECT_BYTES = 4_096;

  @TempDir Path temporary;
  private Path directory;
  private SharedMemoryRegions regions;
  private byte[] content;

  @BeforeEach
  void makeAnObject() throws IOException {
    directory = Files.createDirectory(temporary.resolve("shm"));
    content = new byte[OBJECT_BYTES];
    new Random(7).nextBytes(content);
    Files.write(directory.resolve("object"), content);
    regions = SharedMemoryRegions.in(directory);
  }

  @AfterEach
  void close() {
    regions.close();
  }

  private static void assertRefused(Runnable action, Category category, String... parts) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> {
              assertThat(e.category()).isEqualTo(category);
              assertThat(e.getMessage()).contains(parts);
            });
  }

  private static byte[] read(RegionView view) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(view.sizeBytes());
      view.read(target);
      return target.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static void write(RegionView view, long at, byte... bytes) {
    try (Arena arena = Arena.ofConfined()) {
      view.write(at, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }
  }

  @Test
  void everyPartOfARegionReadsAsTheFileDoes() {
    regions.register("r", "/object", 100, 1_000);
    Random random = new Random(11);
    for (int i = 0; i < 200; i++) {
      int from = random.nextInt(1_000);
      int length = random.nextInt(1_000 - from + 1);
      try (RegionView view = regions.view("r", from, length)) {
        assertThat(read(view))
            .as("seed 11, round %d: %d from %d", i, length, from)
            .isEqualTo(Arrays.copyOfRange(content, 100 + from, 100 + from + length));
      }
    }
  }

  @Test
  void whatIsWrittenIsInTheObjectAndNothingElseIs() throws IOException {
    regions.register("r", "object", 0, OBJECT_BYTES);
    try (RegionView view = regions.view("r", 10, 20)) {
      write(view, 0, (byte) 1, (byte) 2);
      write(view, 18, (byte) 3, (byte) 4);
      assertThatThrownBy(() -> write(view, 19, (byte) 5, (byte) 6))
          .hasMessageContaining("2 bytes (expected: to fit a view of 20 bytes)");
    }
    byte[] expected = content.clone();
    expected[10] = 1;
    expected[11] = 2;
    expected[28] = 3;
    expected[29] = 4;
    assertThat(Files.readAllBytes(directory.resolve("object"))).isEqualTo(expected);
  }

  @Test
  void statusListsRegionsByName() {
    regions.register("b", "/object", 0, 8);
    regions.register("a", "/object", 8, 16);
    assertThat(regions.status(""))
        .containsExactly(
            new SharedMemoryRegion("a", "/object", 8, 16),
            new SharedMemoryRegion("b", "/object", 0, 8));
    assertThat(regions.status("b")).containsExactly(new SharedMemoryRegion("b", "/object", 0, 8));
    assertRefused(() -> regions.status("c"), Category.NOT_FOUND, "'c'");
  }

  @Test
  void aNameIsTakenUntilItIsUnregistered() {
    regions.register("r", "/object", 0, 8);
    assertRefused(
        () -> regions.register("r", "/object", 0, 16),
        Category.ALREADY_EXISTS,
        "shared memory region 'r' already in manager");
    regions.unregister("r");
    regions.unregister("never registered");
    regions.register("r", "/object", 0, 16);
    assertThat(regions.status("r").getFirst().sizeBytes()).isEqualTo(16);
  }

  @Test
  void aViewOutlivesTheRegistrationAndTheFileItself() throws IOException {
    regions.register("r", "/object", 0, 8);
    RegionView view = regions.view("r", 0, 8);
    regions.unregisterAll();
    Files.delete(directory.resolve("object"));
    assertThat(read(view)).isEqualTo(Arrays.copyOf(content, 8));
    view.close();
    view.close();
    assertThatThrownBy(() -> read(view)).hasMessageContaining("is closed");
    assertRefused(
        () -> regions.view("r", 0, 8),
        Category.NOT_FOUND,
        "Unable to find shared memory region: 'r'");
  }

  @Test
  void anObjectThatIsCutShortFailsTheRequestAndNotTheServer() throws IOException {
    regions.register("r", "/object", 0, OBJECT_BYTES);
    try (RegionView view = regions.view("r", 0, OBJECT_BYTES);
        FileChannel client =
            FileChannel.open(directory.resolve("object"), StandardOpenOption.WRITE)) {
      client.truncate(100);
      assertRefused(
          () -> read(view), Category.INVALID_ARGUMENT, "'r'", "ends after 100 bytes", "4096");
      client.truncate(0);
      assertRefused(() -> read(view), Category.INVALID_ARGUMENT, "ends after 0 bytes");
      write(view, 0, (byte) 9);
    }
    assertThat(Files.readAllBytes(directory.resolve("object"))).containsExactly(9);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4097",
    "4096, 1",
    "4097, 1",
    "0, 0",
    "0, -1",
    "-1, 2",
    "1, 9223372036854775807",
    "9223372036854775807, 9223372036854775807"
  })
  void aRegionThatItsObjectDoesNotHoldIsRefused(long offset, long size) {
    assertRefused(
        () -> regions.register("r", "/object", offset, size),
        Category.INVALID_ARGUMENT,
        "failed to register shared memory region 'r': invalid args",
        Long.toUnsignedString(offset),
        Long.toUnsignedString(size),
        "4096");
    assertThat(regions.status("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "100, 0, Invalid offset for",
    "-1, 1, Invalid offset for",
    "9223372036854775807, 1, Invalid offset for",
    "0, 101, Invalid offset + byte size",
    "99, 2, Invalid offset + byte size",
    "1, 9223372036854775807, Invalid offset + byte size",
    "1, -1, Invalid offset + byte size"
  })
  void aPartOutsideOfTheRegionIsRefused(long offset, long size, String message) {
    regions.register("r", "/object", 8, 100);
    assertRefused(
        () -> regions.view("r", offset, size), Category.INVALID_ARGUMENT, message, "'r'", "100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        ".",
        "..",
        "/..",
        "../secret",
        "/../secret",
        "a/b",
        "//object",
        "sub/inner",
        "object\0",
        "/triton_python_backend_shm_region_1"
      })
  void aKeyThatIsNotANameInTheDirectoryIsRefused(String key) throws IOException {
    Files.write(temporary.resolve("secret"), new byte[16]);
    Files.write(Files.createDirectory(directory.resolve("sub")).resolve("inner"), new byte[16]);
    assertRefused(
        () -> regions.register("r", key, 0, 8), Category.INVALID_ARGUMENT, "key \"" + key + "\"");
  }

  @Test
  void linksDirectoriesAndWhatIsNotThereAreNotOpened() throws IOException {
    Path secret = Files.write(temporary.resolve("secret"), new byte[16]);
    Files.createSymbolicLink(directory.resolve("link"), secret);
    Files.createDirectory(directory.resolve("folder"));
    for (String key : new String[] {"/link", "/folder", "/absent", "x".repeat(255)}) {
      assertRefused(
          () -> regions.register("r", key, 0, 8),
          Category.INVALID_ARGUMENT,
          "Unable to open shared memory region: '" + key + "'");
    }
  }

  @Test
  void namesAndTheirNumberAreBounded() {
    assertRefused(
        () -> regions.register("", "/object", 0, 8), Category.INVALID_ARGUMENT, "'region name'");
    assertRefused(
        () -> regions.register("x".repeat(256), "/object", 0, 8),
        Category.INVALID_ARGUMENT,
        "256 bytes");
    for (int i = 0; i < SharedMemoryRegions.MAX_REGIONS; i++) {
      regions.register("r" + i, "/object", 0, 8);
    }
    assertRefused(
        () -> regions.register("one more", "/object", 0, 8),
        Category.RESOURCE_EXHAUSTED,
        "1024 (expected: < 1024)");
  }

  @Test
  void whereItIsOffNothingCanBeRegistered() {
    try (SharedMemoryRegions off = SharedMemoryRegions.disabled()) {
      assertThat(off.isEnabled()).isFalse();
      String expected =
          "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to"
              + " enable.";
      assertRefused(() -> off.register("r", "/object", 0, 8), Category.UNIMPLEMENTED, expected);
      assertRefused(() -> off.unregister("r"), Category.UNIMPLEMENTED, expected);
      assertRefused(off::unregisterAll, Category.UNIMPLEMENTED, expected);
      assertThat(off.status("")).isEmpty();
      assertRefused(() -> off.view("r", 0, 1), Category.NOT_FOUND, "'r'");
    }
  }
}
