"""What two services need today; nothing here decides anything."""
