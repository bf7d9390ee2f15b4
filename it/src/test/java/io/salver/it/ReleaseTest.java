package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code scripts/release} relies on; it is run whole by {@code scripts/check-release}. */
@Timeout(120)
class ReleaseTest {
  private static final Path BUILT = SalverProcess.root().resolve("cli/target/salver");
  private static final Pattern PURL =
      Pattern.compile("pkg:maven/[^/]+/([^@]+)@([^?]+)\\?(?:classifier=([^&]+)&)?type=jar");

  @TempDir Path temporary;

  @Test
  void theSbomListsExactlyTheJars() throws IOException {
    Path sbom = BUILT.resolve("sbom.cdx.json");
    assumeTrue(
        Files.exists(sbom)
            && Files.getLastModifiedTime(sbom)
                    .compareTo(Files.getLastModifiedTime(BUILT.resolve("salver.jar")))
                >= 0,
        "no SBOM of this build: it is made with -Prelease, and not offline");
    JsonObject json = JsonParser.parseString(Files.readString(sbom)).getAsJsonObject();
    Set<String> listed = new HashSet<>();
    for (JsonElement component : json.getAsJsonArray("components")) {
      assertThat(component.getAsJsonObject().getAsJsonArray("hashes")).isNotEmpty();
      listed.add(jar(component.getAsJsonObject().get("purl").getAsString()));
    }
    assertThat(json.has("serialNumber")).as("a number by chance").isFalse();
    try (Stream<Path> jars = Files.list(BUILT.resolve("lib"))) {
      assertThat(listed)
          .isEqualTo(jars.map(jar -> jar.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  private static String jar(String purl) {
    Matcher matcher = PURL.matcher(purl);
    assertThat(matcher.matches()).as(purl).isTrue();
    String classifier = matcher.group(3);
    return matcher.group(1)
        + "-"
        + matcher.group(2)
        + (classifier == null ? "" : "-" + classifier)
        + ".jar";
  }

  @Test
  void whatAnArchiveHoldsStartsWithoutSources() throws Exception {
    Path root = SalverProcess.root();
    Path home = Files.createDirectory(temporary.resolve("unpacked here"));
    Path dist = Files.createDirectory(home.resolve("dist"));
    Files.createSymbolicLink(dist.resolve("lib"), BUILT.resolve("lib"));
    for (String file : List.of("salver.jar", "salver.aot")) {
      Files.copy(BUILT.resolve(file), dist.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createDirectory(home.resolve("scripts"));
    for (String script : List.of("salver", "scripts/find-jdk25")) {
      Files.copy(root.resolve(script), home.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
    }
    assertThat(run(home, 0, "--version")).startsWith("Salver ");
    assertThat(run(home, 2, "plugin", "torch"))
        .contains("unpack salver-plugin-NAME-VERSION.tar.gz in " + dist.resolve("plugins"));
  }

  /** Git fails, so that nothing is built. */
  @Test
  void whatIsInTheDirectoryStays() throws Exception {
    Path git = Files.writeString(temporary.resolve("git"), "#!/bin/sh\nexit 1\n");
    assertThat(git.toFile().setExecutable(true)).isTrue();
    Path into = Files.createDirectory(temporary.resolve("into"));
    for (String name : List.of("source", "stage")) {
      Files.createDirectory(into.resolve(name));
      Files.createFile(into.resolve(name).resolve("mine"));
    }
    String script = SalverProcess.root().resolve("scripts/release").toString();
    ProcessBuilder builder =
        new ProcessBuilder(script, "--into", into.toString())
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve("output").toFile());
    builder.environment().put("PATH", temporary + ":" + System.getenv("PATH"));
    assertThat(builder.start().waitFor()).isNotZero();
    try (Stream<Path> files = Files.walk(into)) {
      assertThat(files.filter(file -> !file.equals(into)).map(into::relativize).map(Path::toString))
          .containsExactlyInAnyOrder("source", "source/mine", "stage", "stage/mine");
    }
  }

  private static String run(Path home, int exitCode, String... arguments) throws Exception {
    try (SalverProcess process = SalverProcess.startIn(home, arguments)) {
      String output = process.output();
      assertThat(process.exitCode()).as(output).isEqualTo(exitCode);
      return output;
    }
  }
}
