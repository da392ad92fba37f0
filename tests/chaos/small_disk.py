"""A server's data on a disk that is soon full: a file system in memory of a given size."""

import contextlib
import os
import shutil
import subprocess

from tests.support.process import UnavailableError

BLOCK = bytes(64 * 1024)


class SmallDisk:
    """Moves the folder of a server that is down onto a disk with little to spare; needs root."""

    def __init__(self, folder, *, spare_mb):
        self._folder = folder
        self._ballast = folder / "ballast"
        if os.geteuid() != 0:
            raise UnavailableError("only root can make a small disk")
        aside = folder.with_name(f"{folder.name}.was")
        folder.rename(aside)
        folder.mkdir()
        used = subprocess.run(["du", "-sm", aside], capture_output=True, text=True, check=True)
        size = int(used.stdout.split()[0]) + spare_mb
        self._run("mount", "-t", "tmpfs", "-o", f"size={size}m", "leadline-chaos", folder)
        self._run("cp", "-a", f"{aside}/.", folder)
        shutil.copystat(aside, folder)
        self._run("chown", "--reference", aside, folder)
        shutil.rmtree(aside)

    def fill(self):
        """Leave no byte free."""
        with self._ballast.open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(BLOCK)

    def free(self):
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    def close(self):
        """Let the disk go; the server must have ended."""
        self._run("umount", "--lazy", self._folder)

    @staticmethod
    def _run(*command):
        subprocess.run(command, check=True)
