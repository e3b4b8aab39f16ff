-- Three schemas and one account for each purpose. The account that the panel reads legacy with has
-- SELECT and nothing else: the last of the four locks on the legacy database.
CREATE DATABASE boukii_tracking;
CREATE DATABASE boukii_legacy;
CREATE DATABASE boukii_v5;

CREATE USER 'panel'@'%' IDENTIFIED BY 'panel-trial';
GRANT ALL ON boukii_tracking.* TO 'panel'@'%';

CREATE USER 'reader'@'%' IDENTIFIED BY 'reader-trial';
GRANT SELECT ON boukii_legacy.* TO 'reader'@'%';

CREATE USER 'writer'@'%' IDENTIFIED BY 'writer-trial';
GRANT ALL ON boukii_v5.* TO 'writer'@'%';

-- Only for building a demo; drop it where the legacy database is real.
CREATE USER 'builder'@'%' IDENTIFIED BY 'builder-trial';
GRANT ALL ON boukii_legacy.* TO 'builder'@'%';
